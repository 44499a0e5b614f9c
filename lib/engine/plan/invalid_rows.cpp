#include "engine/plan/invalid_rows.hpp"

#include <algorithm>
#include <string>

#include "jsonl/error_line.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {
namespace {

constexpr std::size_t kBufferBytes = 16 * 1024;

/// The rows at `path` once more in their place, those of `lines` without their ids.
Result<void> take_ids(const Path& path, const std::vector<std::uint64_t>& lines) {
    auto reader = jsonl::RowFileReader::open(path, kBufferBytes);
    if (!reader) return reader.error();
    auto writer = jsonl::RowFileWriter::create(path, kBufferBytes);
    if (!writer) return writer.error();
    jsonl::Row row;
    for (std::string text;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return writer->commit();
        const bool keeps = !std::binary_search(lines.begin(), lines.end(), row.line_number);
        text.clear();
        if (!keeps) jsonl::append_with_id(row.text, "null", text);
        const auto appended = keeps ? writer->append(row.line_number, row.id, row.text)
                                    : writer->append(row.line_number, digest128(""), text);
        if (!appended) return appended;
    }
}

}  // namespace

Result<void> InvalidRows::append(const ScannedBadLine& bad) {
    if (!writer_) {
        auto created = jsonl::RowFileWriter::create(path_, kBufferBytes);
        if (!created) return created.error();
        writer_.emplace(std::move(*created));
    }
    std::optional<std::string_view> custom_id;
    if (!bad.custom_id.empty()) custom_id = bad.custom_id;
    const std::string text =
        jsonl::error_line(custom_id, {.code = "invalid_line", .message = bad.what, .line = bad.line_number});
    return writer_->append(bad.line_number, digest128(bad.custom_id), text);
}

Result<void> InvalidRows::commit(const std::vector<std::uint64_t>& ids_of_others) {
    if (!writer_) return {};
    if (auto committed = writer_->commit(); !committed) return committed;
    writer_.reset();
    // Only the end of the file shows whose an id is, and nobody reads these rows before there is a plan.
    return ids_of_others.empty() ? Result<void>() : take_ids(path_, ids_of_others);
}

}  // namespace batchd::engine
