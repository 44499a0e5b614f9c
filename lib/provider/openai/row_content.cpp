#include "provider/openai/row_content.hpp"

namespace batchd::provider {

namespace {
/// Small texts are sent together; one that is longer is a block by itself.
constexpr std::size_t kBlockBytes = 256 * 1024;
}  // namespace

Result<std::unique_ptr<http::FormContent>> RowContent::open(const Path& rows) {
    auto reader = jsonl::RowFileReader::open(rows);
    if (!reader) return reader.error();
    return std::make_unique<RowContent>(std::move(*reader));
}

Result<std::string_view> RowContent::next() {
    block_.clear();
    jsonl::Row row;
    while (block_.size() < kBlockBytes) {
        const auto more = reader_.next(row);
        if (!more) return more.error();
        if (!*more) break;
        block_.append(row.text).append("\n");
    }
    reader_.release_text();
    return std::string_view(block_);
}

}  // namespace batchd::provider
