#include "engine/fallback/rewording.hpp"

#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/row_line.hpp"

namespace batchd::engine {

jsonl::RequestDefaults rewording(const Terms& terms) {
    const Fallback& fallback = *terms.fallback;
    jsonl::RequestDefaults there;
    there.models.insert(fallback.models.begin(), fallback.models.end());
    there.line_urls.insert(fallback.line_urls.begin(), fallback.line_urls.end());
    jsonl::RequestDefaults rules;
    // The rows have the names of the first provider by now, so these are what the rules go by; what users
    // wrote only leads from one to the other.
    for (const auto& [written, sent] : terms.models)
        rules.models.emplace(sent, jsonl::sent_model(there, written));
    for (const auto& [written, sent] : terms.line_urls)
        rules.line_urls.emplace(sent, jsonl::sent_url(there, written));
    // What its own provider has no other name for was sent as it was written.
    rules.models.insert(there.models.begin(), there.models.end());
    rules.line_urls.insert(there.line_urls.begin(), there.line_urls.end());
    return rules;
}

Result<void> reword_rows(const Path& rows, const jsonl::RequestDefaults& rules) {
    if (rules.models.empty() && rules.line_urls.empty()) return {};
    auto reader = jsonl::RowFileReader::open(rows);
    if (!reader) return reader.error();
    // Under the same name: nothing of it is seen before the commit, and the reader has the old file open.
    auto writer = jsonl::RowFileWriter::create(rows);
    if (!writer) return writer.error();
    jsonl::RequestParser parser(rules);
    std::string buffer, reworded;
    for (jsonl::Row row;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return writer->commit();
        // Every line is ours and was read before; one that can't be read now was damaged since.
        const auto request = parser.parse(jsonl::line_of(row, buffer));
        if (!request)
            return error(Errc::corrupt, rows.string() + ", line " + std::to_string(row.line_number) + ": " +
                                            request.error().what);
        reworded.clear();
        jsonl::append_prepared(*request, reworded);
        reworded.pop_back();  // its LF
        if (auto added = writer->append(row.line_number, row.id, reworded); !added) return added;
    }
}

}  // namespace batchd::engine
