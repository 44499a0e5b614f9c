#include "jsonl/rows/format/row_texts.hpp"

#include <algorithm>

#include "base/disk/checksum.hpp"
#include "jsonl/json_fields.hpp"

namespace batchd::jsonl {

using row_format::Entry;

namespace {
constexpr std::size_t kShareMin = 2048;
}  // namespace

RowTexts::RowTexts(const Path& path, const row_format::Tables& tables, std::size_t buffer_bytes)
    : tables_(tables), buffer_bytes_(buffer_bytes) {
    // One buffer, shared out: a merge has hundreds of files open.
    const std::size_t share = std::max(kShareMin, buffer_bytes / (tables.sources.size() + 1));
    files_.emplace_back(path, share);
    for (const std::string& source : tables.sources) files_.emplace_back(path.parent_path() / source, share);
}

Result<std::string_view> RowTexts::of(const Entry& entry) {
    const auto bytes = bytes_of(entry);
    if (!bytes || entry.form == 0) return bytes;
    return made(entry, *bytes);
}

Result<std::string_view> RowTexts::bytes_of(const Entry& entry) {
    ReadAhead& file = files_[entry.source];
    const auto line = [&] { return file.path().string() + ": line " + std::to_string(entry.line_number); };
    if (entry.checksum == 0) {
        const auto bytes = file.at(entry.offset, entry.bytes + 1);
        if (!bytes) return bytes;
        // The LF stands where the index says that the row ends; where it does not, the two do not belong
        // together.
        if (bytes->back() != '\n') return error(Errc::corrupt, line() + " does not end where its index says");
        return bytes->substr(0, entry.bytes);
    }
    const auto bytes = file.at(entry.offset, entry.bytes);
    // What was cut is as changed as what was overwritten.
    if (!bytes && bytes.error().code == Errc::corrupt && entry.source > 0)
        return error(Errc::changed, bytes.error().context);
    if (!bytes) return bytes;
    if (checksum64(*bytes) != entry.checksum)
        return error(entry.source == 0 ? Errc::corrupt : Errc::changed,
                     line() + " is no longer what it was when it was read, and can't be sent");
    return bytes;
}

std::optional<std::string> RowTexts::id_json(const Entry& entry) {
    if (entry.form == 0) return id_of_text(entry);
    if (entry.cut.id_bytes == 0) return made_id(entry.line_number);
    const auto id = files_[entry.source].at(entry.offset + entry.cut.id_at, entry.cut.id_bytes);
    return id ? std::optional(std::string(*id)) : std::nullopt;
}

std::optional<std::string> RowTexts::id_of_text(const Entry& entry) {
    const auto text = files_[entry.source].at(entry.offset, entry.bytes);
    if (!text) return std::nullopt;
    // What is sent has its id first.
    const auto id = first_value(*text, "custom_id");
    return id ? std::optional(std::string(*id)) : std::nullopt;
}

std::string_view RowTexts::made(const Entry& entry, std::string_view bytes) {
    const RowForm& form = tables_.forms[entry.form - 1];
    const RequestCut& cut = entry.cut;
    made_.assign(form.before_id);
    if (cut.id_bytes > 0)
        made_ += bytes.substr(cut.id_at, cut.id_bytes);
    else
        made_ += made_id(entry.line_number);
    made_ += form.before_body;
    made_ += bytes.substr(cut.body_at, cut.body_bytes);
    made_ += form.after_body;
    return made_;
}

void RowTexts::release() {
    for (ReadAhead& file : files_) file.release();
    if (made_.capacity() > buffer_bytes_) std::string().swap(made_);
}

}  // namespace batchd::jsonl
