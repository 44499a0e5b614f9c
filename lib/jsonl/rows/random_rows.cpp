#include "jsonl/rows/random_rows.hpp"

#include "jsonl/rows/format/row_format.hpp"
#include "jsonl/rows/format/row_texts.hpp"

namespace batchd::jsonl {

namespace {
constexpr std::size_t kTextBufferBytes = 64 * 1024;
}  // namespace

struct RandomRows::Impl {
    Impl(const Path& where, row_format::OpenIndex opened)
        : path(where), index(std::move(opened.fd)), frame(std::move(opened.frame)) {}

    Result<row_format::Entry> entry(std::uint64_t row) const;

    Path path;
    UniqueFd index;
    row_format::Frame frame;
    RowTexts texts{path, frame.tables, kTextBufferBytes};
};

Result<RandomRows> RandomRows::open(const Path& path) {
    auto index = row_format::open_index(path);
    if (!index) return index.error();
    return RandomRows(std::make_unique<Impl>(path, std::move(*index)));
}

RandomRows::RandomRows(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RandomRows::RandomRows(RandomRows&&) noexcept = default;
RandomRows::~RandomRows() = default;

std::uint64_t RandomRows::count() const {
    return impl_->frame.foot.count;
}

Result<row_format::Entry> RandomRows::Impl::entry(std::uint64_t row) const {
    char bytes[row_format::kRowBytes];
    const std::uint64_t offset = row_format::kHead.size() + row * frame.shape.bytes;
    if (auto read = read_exactly_at(index.get(), bytes, frame.shape.bytes, offset); !read)
        return within(path.string(), read.error());
    const row_format::Entry entry = frame.shape.decode(bytes);
    if (auto checked = row_format::check_alone(entry, frame, path); !checked) return checked.error();
    return entry;
}

Result<RowRef> RandomRows::ref(std::uint64_t index) const {
    const auto entry = impl_->entry(index);
    if (!entry) return entry.error();
    return RowRef{entry->line_number, impl_->frame.tables.text_bytes(*entry), entry->id};
}

Result<Row> RandomRows::at(std::uint64_t index) {
    const auto entry = impl_->entry(index);
    if (!entry) return entry.error();
    const auto text = impl_->texts.of(*entry);
    if (!text) return text.error();
    return Row{entry->line_number, entry->id, *text};
}

std::optional<std::string> RandomRows::id_json(std::uint64_t index) {
    const auto entry = impl_->entry(index);
    return entry ? impl_->texts.id_json(*entry) : std::nullopt;
}

Result<std::uint64_t> RandomRows::find(std::uint64_t line_number) const {
    std::uint64_t low = 0;
    for (std::uint64_t high = count(); low < high;) {
        const std::uint64_t middle = low + (high - low) / 2;
        const auto row = ref(middle);
        if (!row) return row.error();
        if (row->line_number < line_number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

}  // namespace batchd::jsonl
