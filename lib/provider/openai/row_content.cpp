#include "provider/openai/row_content.hpp"

namespace batchd::provider {

namespace {
/// Small texts are sent together; one that is longer is a block by itself.
constexpr std::size_t kBlockBytes = 256 * 1024;
}  // namespace

Result<std::unique_ptr<http::FormContent>> RowContent::open(const Path& rows) {
    auto reader = jsonl::RowFileReader::open(rows);
    if (!reader) return reader.error();
    auto content = std::make_unique<RowContent>(std::move(*reader));
    // What can't be read is known before a connection is made for it; a small file is held against its
    // checksums as a whole.
    if (auto first = content->read(); !first) return first.error();
    return content;
}

Result<std::string_view> RowContent::next() {
    if (!is_read_)
        if (auto done = read(); !done) return done.error();
    is_read_ = false;
    return std::string_view(block_);
}

Result<void> RowContent::read() {
    block_.clear();
    jsonl::Row row;
    while (block_.size() < kBlockBytes) {
        const auto more = reader_.next(row);
        if (!more) return more.error();
        if (!*more) break;
        block_.append(row.text).append("\n");
    }
    reader_.release_text();
    is_read_ = true;
    return {};
}

}  // namespace batchd::provider
