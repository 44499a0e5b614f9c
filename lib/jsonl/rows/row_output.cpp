#include "jsonl/rows/row_output.hpp"

namespace batchd::jsonl {

Result<void> RowOutput::begin() {
    if (writer_) return {};
    auto writer = RowFileWriter::create(path_);
    if (!writer) return writer.error();
    writer_.emplace(std::move(*writer));
    return {};
}

Result<void> RowOutput::append(std::uint64_t line_number, const Digest128& id, std::string_view text) {
    auto begun = begin();
    return begun ? writer_->append(line_number, id, text) : begun;
}

Result<void> RowOutput::append_from(std::uint64_t line_number, const Digest128& id, const RowPlace& place) {
    auto begun = begin();
    return begun ? writer_->append_from(line_number, id, place) : begun;
}

Result<bool> RowOutput::append_next_of(RowFileReader& from) {
    const auto next = from.peek();
    if (!next) return next.error();
    if (*next == nullptr) return false;  // and there is nothing to begin for
    if (auto begun = begin(); !begun) return begun.error();
    return writer_->append_next_of(from);
}

Result<void> RowOutput::commit() {
    // No rows, no file; what an interrupted run has left under the name must not be taken for this one's.
    return writer_ ? writer_->commit() : remove_row_file(path_);
}

}  // namespace batchd::jsonl
