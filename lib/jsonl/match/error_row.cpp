#include "jsonl/match/error_row.hpp"

#include "jsonl/request/request_line.hpp"

namespace batchd::jsonl {

Result<bool> append_error_of_next(RowFileReader& requests, const LineError& error, RowOutput& errors) {
    const auto ref = requests.peek();
    if (!ref) return ref.error();
    if (*ref == nullptr) return false;
    const RowRef of = **ref;
    Row row;
    const auto read = requests.next(row);
    // Where only the text is lost, the row file still says which request it was: it gets its error all the
    // same.
    if (!read && !is_source_lost(read.error())) return read;
    LineError said = error;
    auto id = read ? prepared_custom_id(row.text) : std::nullopt;
    if (!read) {
        id = custom_id_with(of.id, requests.next_id_json().value_or(""));
        // By what the line is called, or else by where it stood.
        if (!id) said.line = of.line_number;
        if (auto skipped = requests.skip(); !skipped) return skipped;
    }
    if (auto put = errors.append(of.line_number, of.id, error_line(id, said)); !put) return put.error();
    return true;
}

}  // namespace batchd::jsonl
