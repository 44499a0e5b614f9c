#include <algorithm>

#include "base/disk/checksum.hpp"
#include "jsonl/rows/format/row_format.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::jsonl {

using row_format::Entry;
using row_format::Tables;

namespace {

// A row has 64 bytes, so this is 256 rows a write; a job of many shards has as many of these buffers.
constexpr std::size_t kIndexBufferBytes = 16 * 1024;
/// Where each row has one of its own, they would be a second copy of the text.
constexpr std::size_t kFormsMax = 16;

}  // namespace

struct RowFileWriter::Impl {
    Impl(Path where, std::size_t text_buffer, FileWriter index_writer)
        : path(std::move(where)), buffer_bytes(text_buffer), index(std::move(index_writer)) {}

    Result<void> put(Entry entry);
    Result<void> put_index(std::string_view bytes);
    std::optional<std::uint16_t> known_form(const RowForm& form) const;
    std::optional<std::uint16_t> form_number(const RowForm& form);
    Result<std::uint16_t> source_number(std::string_view name);

    Path path;
    std::size_t buffer_bytes;
    FileWriter index;
    std::optional<FileWriter> text{};
    Tables tables{};
    row_format::Foot foot{};
    Checksum64 checksum{};
    std::uint64_t last_line = 0;
};

Result<RowFileWriter> RowFileWriter::create(const Path& path, std::size_t buffer_bytes) {
    auto index = FileWriter::create(row_format::index_path(path), kIndexBufferBytes);
    if (!index) return index.error();
    auto impl = std::make_unique<Impl>(path, buffer_bytes, std::move(*index));
    if (auto head = impl->put_index(row_format::kHead); !head) return head.error();
    return RowFileWriter(std::move(impl));
}

RowFileWriter::RowFileWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowFileWriter::RowFileWriter(RowFileWriter&&) noexcept = default;
RowFileWriter& RowFileWriter::operator=(RowFileWriter&&) noexcept = default;
RowFileWriter::~RowFileWriter() = default;

std::uint64_t RowFileWriter::count() const {
    return impl_->foot.count;
}

std::uint64_t RowFileWriter::size_bytes() const {
    return impl_->foot.text_bytes;
}

Result<void> RowFileWriter::Impl::put_index(std::string_view bytes) {
    checksum.update(bytes);
    return index.append(bytes);
}

Result<void> RowFileWriter::Impl::put(Entry entry) {
    // A merge relies on the order, and would drop or mix up rows without noticing.
    if (entry.line_number <= last_line)
        return error(Errc::corrupt, path.string() + ": line " + std::to_string(entry.line_number) +
                                        " after line " + std::to_string(last_line));
    if (entry.bytes > UINT32_MAX)
        return error(Errc::too_large,
                     path.string() + ": line " + std::to_string(entry.line_number) + " has 4 GiB or more");
    const auto bytes = row_format::encode(entry);
    if (auto done = put_index({bytes.data(), bytes.size()}); !done) return done;
    last_line = entry.line_number;
    ++foot.count;
    foot.text_bytes += tables.text_bytes(entry) + 1;
    return {};
}

std::optional<std::uint16_t> RowFileWriter::Impl::known_form(const RowForm& form) const {
    const auto& forms = tables.forms;
    // Nearly always that of the row before.
    const auto found = std::find(forms.rbegin(), forms.rend(), form);
    if (found == forms.rend()) return std::nullopt;
    return static_cast<std::uint16_t>(forms.rend() - found);
}

std::optional<std::uint16_t> RowFileWriter::Impl::form_number(const RowForm& form) {
    if (const auto known = known_form(form)) return known;
    auto& forms = tables.forms;
    if (forms.size() == kFormsMax) return std::nullopt;
    forms.push_back(form);
    return static_cast<std::uint16_t>(forms.size());
}

Result<std::uint16_t> RowFileWriter::Impl::source_number(std::string_view name) {
    auto& sources = tables.sources;
    const auto found = std::find(sources.begin(), sources.end(), name);
    if (found != sources.end()) return static_cast<std::uint16_t>(found - sources.begin() + 1);
    if (sources.size() == UINT16_MAX) return error(Errc::too_large, path.string() + " is of too many files");
    sources.emplace_back(name);
    return static_cast<std::uint16_t>(sources.size());
}

Result<void> RowFileWriter::append(std::uint64_t line_number, const Digest128& id, std::string_view text) {
    if (!impl_->text) {
        auto created = FileWriter::create(impl_->path, impl_->buffer_bytes);
        if (!created) return created.error();
        impl_->text.emplace(std::move(*created));
    }
    const Entry entry{.line_number = line_number,
                      .offset = impl_->text->size_bytes(),
                      .bytes = text.size(),
                      .id = id,
                      .checksum = checksum64(text)};
    if (auto put = impl_->put(entry); !put) return put;
    if (auto put = impl_->text->append(text); !put) return put;
    return impl_->text->append("\n");
}

Result<void> RowFileWriter::append_from(std::uint64_t line_number, const Digest128& id,
                                        const RowPlace& place) {
    const auto source = impl_->source_number(place.file);
    if (!source) return source.error();
    return impl_->put({.line_number = line_number,
                       .offset = place.offset,
                       .bytes = place.size,
                       .id = id,
                       .checksum = place.checksum,
                       .source = *source});
}

bool RowFileWriter::takes(const RowForm& form) const {
    return impl_->tables.forms.size() < kFormsMax || impl_->known_form(form);
}

Result<void> RowFileWriter::append_made(std::uint64_t line_number, const Digest128& id, const RowPlace& line,
                                        const RowForm& form, const RequestCut& cut) {
    const auto number = impl_->form_number(form);
    if (!number) return error(Errc::illegal, impl_->path.string() + " has too many forms of rows");
    const auto source = impl_->source_number(line.file);
    if (!source) return source.error();
    return impl_->put({.line_number = line_number,
                       .offset = line.offset,
                       .bytes = line.size,
                       .id = id,
                       .checksum = line.checksum,
                       .source = *source,
                       .form = *number,
                       .cut = cut});
}

Result<bool> RowFileWriter::append_next_of(RowFileReader& from) {
    const auto next = from.peek_entry();
    if (!next) return next.error();
    if (*next == nullptr) return false;
    Entry entry = **next;
    const bool is_beside = from.path().parent_path() == impl_->path.parent_path();
    const auto form = entry.form > 0 ? impl_->form_number(from.tables().forms[entry.form - 1U])
                                     : std::optional<std::uint16_t>(0);
    // A row that stands in the other's own file would be lost with it, and one of another folder is not found
    // from here.
    if (entry.source == 0 || !is_beside || !form) {
        Row row;
        if (auto read = from.next(row); !read) return read;
        if (auto put = append(row.line_number, row.id, row.text); !put) return put.error();
        return true;
    }
    const auto source = impl_->source_number(from.tables().sources[entry.source - 1U]);
    if (!source) return source.error();
    entry.source = *source;
    entry.form = *form;
    if (auto put = impl_->put(entry); !put) return put.error();
    return from.skip();
}

Result<void> RowFileWriter::commit() {
    // The index is what others look for, so it gets its name last: once it is there, its text is.
    if (impl_->text) {
        impl_->foot.own_bytes = impl_->text->size_bytes();
        if (auto committed = impl_->text->commit(); !committed) return committed;
    }
    impl_->foot.checksum = impl_->checksum.value();
    if (auto put = impl_->index.append(row_format::encode(impl_->tables, impl_->foot)); !put) return put;
    if (auto committed = impl_->index.commit(); !committed) return committed;
    // Of an earlier run, or of an earlier version.
    return impl_->text ? Result<void>() : remove_file(impl_->path);
}

}  // namespace batchd::jsonl
