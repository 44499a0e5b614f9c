#include <algorithm>
#include <optional>

#include <fcntl.h>

#include "jsonl/byte_window.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/rows/row_format.hpp"

namespace batchd::jsonl {

namespace {
constexpr std::size_t kBufferMin = 4096;

std::size_t index_buffer(std::size_t buffer_bytes) {
    // An eighth of the text's buffer: an entry is far smaller than the row that it is about.
    const std::size_t rows = std::max(buffer_bytes, kBufferMin) / 8 / row_format::kRowBytes;
    return rows * row_format::kRowBytes;
}
}  // namespace

struct RowFileReader::Impl {
    Result<void> load_next();
    Result<std::string_view> take_text();

    Path path;
    ByteWindow index;
    ByteWindow text;
    row_format::Foot foot;
    row_format::Sequence sequence{};
    std::uint64_t loaded = 0;       // rows read from the index
    std::optional<RowRef> ahead{};  // read, but its text is not
};

Result<RowFileReader> RowFileReader::open(const Path& path, std::size_t buffer_bytes) {
    auto text = open_file(path, O_RDONLY);
    if (!text) return text.error();
    auto index = open_file(row_format::index_path(path), O_RDONLY);
    if (!index) return index.error();
    const auto foot = row_format::check_frame(index->get(), text->get(), path);
    if (!foot) return foot.error();
    auto impl =
        std::make_unique<Impl>(Impl{path, ByteWindow(std::move(*index), index_buffer(buffer_bytes)),
                                    ByteWindow(std::move(*text), std::max(buffer_bytes, kBufferMin)), *foot});
    if (auto head = impl->index.take(row_format::kHead.size()); !head)
        return within(path.string(), head.error());
    return RowFileReader(std::move(impl));
}

RowFileReader::RowFileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowFileReader::RowFileReader(RowFileReader&&) noexcept = default;
RowFileReader::~RowFileReader() = default;

const Path& RowFileReader::path() const {
    return impl_->path;
}

void RowFileReader::release_text() {
    impl_->text.release();
}

Result<const RowRef*> RowFileReader::peek() {
    if (!impl_->ahead) {
        if (auto loaded = impl_->load_next(); !loaded) return within(impl_->path.string(), loaded.error());
    }
    return impl_->ahead ? &*impl_->ahead : nullptr;
}

Result<bool> RowFileReader::next(Row& row) {
    const auto ref = peek();
    if (!ref) return ref.error();
    if (*ref == nullptr) return false;
    const auto text = impl_->take_text();
    if (!text) return within(impl_->path.string(), text.error());
    row = {(*ref)->line_number, (*ref)->id, *text};
    // The text was taken, so the next peek() is about the next row.
    impl_->ahead.reset();
    return true;
}

Result<void> RowFileReader::Impl::load_next() {
    if (loaded == foot.count) {
        if (sequence.end_offset() != foot.text_bytes)
            return error(Errc::corrupt, "has bytes that belong to no row");
        return {};
    }
    const auto bytes = index.take(row_format::kRowBytes);
    if (!bytes) return bytes.error();
    const RowRef row = row_format::decode_row(bytes->data());
    // Checked as they are read, for a reader must not hold the index of a million rows.
    if (auto checked = sequence.check(row, path); !checked) return checked.error();
    if (sequence.end_offset() > foot.text_bytes) return error(Errc::corrupt, "ends before its last row");
    ahead = row;
    ++loaded;
    return {};
}

Result<std::string_view> RowFileReader::Impl::take_text() {
    const auto bytes = text.take(ahead->size + 1);
    if (!bytes) return bytes.error();
    // The LF stands where the index says that the row ends; where it does not, the two do not belong
    // together.
    if (bytes->back() != '\n')
        return error(Errc::corrupt,
                     "line " + std::to_string(ahead->line_number) + " does not end where its index says");
    return bytes->substr(0, bytes->size() - 1);
}

}  // namespace batchd::jsonl
