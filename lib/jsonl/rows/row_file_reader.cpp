#include <algorithm>
#include <optional>

#include "jsonl/byte_window.hpp"
#include "jsonl/rows/format/row_format.hpp"
#include "jsonl/rows/format/row_texts.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

namespace {
constexpr std::size_t kBufferMin = 4096;

std::size_t index_buffer(std::size_t buffer_bytes, std::size_t row_bytes) {
    // An eighth of the text's buffer: an entry is far smaller than the row that it is about.
    return std::max<std::size_t>(1, buffer_bytes / 8 / row_bytes) * row_bytes;
}
}  // namespace

struct RowFileReader::Impl {
    Impl(const Path& where, row_format::OpenIndex opened, std::size_t buffer_bytes)
        : path(where),
          frame(std::move(opened.frame)),
          index(std::move(opened.fd), index_buffer(buffer_bytes, frame.shape.bytes)),
          texts(path, frame.tables, buffer_bytes) {}

    Result<void> load_next();

    Path path;
    row_format::Frame frame;
    ByteWindow index;
    RowTexts texts;
    row_format::Sequence sequence{frame};
    std::uint64_t loaded = 0;  // rows read from the index
    row_format::Entry entry{};
    std::optional<RowRef> ahead{};  // of `entry`: read, but its text is not
};

Result<RowFileReader> RowFileReader::open(const Path& path, std::size_t buffer_bytes) {
    auto index = row_format::open_index(path);
    if (!index) return index.error();
    auto impl = std::make_unique<Impl>(path, std::move(*index), std::max(buffer_bytes, kBufferMin));
    if (auto head = impl->index.take(row_format::kHead.size()); !head)
        return within(path.string(), head.error());
    return RowFileReader(std::move(impl));
}

RowFileReader::RowFileReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowFileReader::RowFileReader(RowFileReader&&) noexcept = default;
RowFileReader& RowFileReader::operator=(RowFileReader&&) noexcept = default;
RowFileReader::~RowFileReader() = default;

const Path& RowFileReader::path() const {
    return impl_->path;
}

std::uint64_t RowFileReader::text_bytes() const {
    return impl_->frame.foot.text_bytes;
}

const row_format::Tables& RowFileReader::tables() const {
    return impl_->frame.tables;
}

std::optional<std::string> RowFileReader::next_id_json() {
    const auto entry = peek_entry();
    return entry && *entry != nullptr ? impl_->texts.id_json(**entry) : std::nullopt;
}

void RowFileReader::release_text() {
    impl_->texts.release();
}

Result<const RowRef*> RowFileReader::peek() {
    if (!impl_->ahead) {
        if (auto loaded = impl_->load_next(); !loaded) return loaded.error();
    }
    return impl_->ahead ? &*impl_->ahead : nullptr;
}

Result<const row_format::Entry*> RowFileReader::peek_entry() {
    const auto ref = peek();
    if (!ref) return ref.error();
    return *ref == nullptr ? nullptr : &impl_->entry;
}

Result<bool> RowFileReader::skip() {
    const auto ref = peek();
    if (!ref) return ref.error();
    const bool is_there = *ref != nullptr;
    impl_->ahead.reset();
    return is_there;
}

Result<bool> RowFileReader::next(Row& row) {
    const auto ref = peek();
    if (!ref) return ref.error();
    if (*ref == nullptr) return false;
    const auto text = impl_->texts.of(impl_->entry);
    if (!text) return text.error();
    row = {(*ref)->line_number, (*ref)->id, *text};
    // The text was taken, so the next peek() is about the next row.
    impl_->ahead.reset();
    return true;
}

Result<void> RowFileReader::Impl::load_next() {
    if (loaded == frame.foot.count) return sequence.check_end(path);
    const auto bytes = index.take(frame.shape.bytes);
    if (!bytes) return within(path.string(), bytes.error());
    // Checked as they are read, for a reader must not hold the index of a million rows.
    const auto next = sequence.next(bytes->data(), path);
    if (!next) return next.error();
    entry = *next;
    ahead = RowRef{entry.line_number, frame.tables.text_bytes(entry), entry.id};
    ++loaded;
    return {};
}

}  // namespace batchd::jsonl
