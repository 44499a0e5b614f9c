#include "engine/prepare/prepared_rows.hpp"

#include "base/disk/checksum.hpp"

namespace batchd::engine {

Result<PreparedRows> PreparedRows::create(const spool::Layout& layout, const std::string& job_key,
                                          std::uint64_t shard) {
    const Path path = layout.shard_file(job_key, {shard, 1}, spool::ShardFile::prepared);
    auto writer = jsonl::RowFileWriter::create(path, 128 * 1024);
    if (!writer) return writer.error();
    return PreparedRows(std::move(*writer), layout.input(job_key).filename().string());
}

Result<void> PreparedRows::append(const ScannedRequest& scanned) {
    const jsonl::Line& line = scanned.line;
    if (!jsonl::made_of(scanned.request, line, made_) || !writer_.takes(made_.form)) {
        text_.clear();
        jsonl::append_prepared(scanned.request, text_);
        text_.pop_back();  // its LF
        return writer_.append(line.number, scanned.id, text_);
    }
    const jsonl::RowPlace place{input_name_, line.offset, line.size, checksum64(line.text)};
    return writer_.append_made(line.number, scanned.id, place, made_.form, made_.cut);
}

}  // namespace batchd::engine
