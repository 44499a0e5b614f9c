#include "jsonl/rows/format/row_format.hpp"

#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <boost/endian/conversion.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace batchd::jsonl::row_format {

namespace json = boost::json;

namespace {

constexpr std::size_t kFirstRowBytes = 40;
constexpr std::size_t kFirstFootBytes = 24;
constexpr std::size_t kFootBytes = 56;
/// Far above what a few names and forms take; a damaged number must not ask for gigabytes.
constexpr std::uint64_t kTablesBytesMax = 16 * 1024 * 1024;

/// With the same bytes on every machine: a state directory may move to another one.
template <class Number>
char* put(char* at, Number number) {
    boost::endian::native_to_little_inplace(number);
    // Copied, for a row in a buffer need not stand at an aligned address.
    std::memcpy(at, &number, sizeof number);
    return at + sizeof number;
}

template <class Number>
const char* get(const char* at, Number& number) {
    std::memcpy(&number, at, sizeof number);
    boost::endian::little_to_native_inplace(number);
    return at + sizeof number;
}

Error bad(const Path& path, std::string_view what) {
    return error(Errc::corrupt, index_path(path).string() + " " + std::string(what));
}

Error bad_line(const Path& path, const Entry& entry, const std::string& what) {
    return error(Errc::corrupt, path.string() + ": line " + std::to_string(entry.line_number) + " " + what);
}

std::string to_json(const Tables& tables) {
    json::array sources, forms;
    for (const std::string& source : tables.sources) sources.push_back(json::value(source));
    for (const RowForm& form : tables.forms)
        forms.push_back(json::array{json::value(form.before_id), json::value(form.before_body),
                                    json::value(form.after_body)});
    return json::serialize(json::object{{"sources", std::move(sources)}, {"forms", std::move(forms)}});
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

/// Throws where they are not as they were written.
Tables tables_of(const std::string& text) {
    const json::value value = json::parse(text);
    Tables tables;
    for (const json::value& source : value.at("sources").as_array()) {
        tables.sources.emplace_back(source.as_string());
        // It becomes part of a path.
        if (!is_plain_name(tables.sources.back())) throw std::invalid_argument("no name of a file");
    }
    for (const json::value& form : value.at("forms").as_array()) {
        const json::array& parts = form.as_array();
        const auto part = [&](std::size_t i) { return std::string(parts.at(i).as_string()); };
        tables.forms.push_back({part(0), part(1), part(2)});
    }
    return tables;
}

/// An index of another file, or a text that somebody wrote to: nothing in it would be where the index says.
Result<void> check_own_text(const Path& path, const Foot& foot) {
    std::error_code ec;
    const std::uint64_t size = std::filesystem::file_size(path, ec);
    if (ec) return Error{ec, "look at " + path.string()};
    if (foot.own_bytes == size) return {};
    return error(Errc::corrupt, path.string() + " has " + std::to_string(size) + " bytes, its index says " +
                                    std::to_string(foot.own_bytes));
}

Result<std::string> read_end(int fd, std::uint64_t size, std::size_t bytes) {
    std::string end(bytes, '\0');
    if (auto read = read_exactly_at(fd, end.data(), bytes, size - bytes); !read) return read.error();
    return end;
}

Result<Frame> read_first(int fd, std::uint64_t size, const Path& path) {
    if (size < kFirstHead.size() + kFirstFootBytes) return bad(path, "is cut off");
    const auto end = read_end(fd, size, kFirstFootBytes);
    if (!end) return end.error();
    // The mark at the end is written last, so a file that was cut off anywhere has none.
    if (!end->ends_with(kTail)) return bad(path, "is cut off");
    Frame frame{.shape = {.bytes = kFirstRowBytes}, .tables = {}, .foot = {}};
    get(get(end->data(), frame.foot.count), frame.foot.own_bytes);
    frame.foot.text_bytes = frame.foot.own_bytes;
    // The sizes were compared above, so this can't wrap around.
    const std::uint64_t rows = size - kFirstHead.size() - kFirstFootBytes;
    if (rows % kFirstRowBytes != 0 || rows / kFirstRowBytes != frame.foot.count)
        return bad(path, "has not the rows that it should");
    return frame;
}

Result<Frame> read_second(int fd, std::uint64_t size, const Path& path) {
    if (size < kHead.size() + kFootBytes) return bad(path, "is cut off");
    const auto end = read_end(fd, size, kFootBytes);
    if (!end) return end.error();
    if (!end->ends_with(kTail)) return bad(path, "is cut off");
    Frame frame{.shape = {.bytes = kRowBytes, .has_checksums = true}, .tables = {}, .foot = {}};
    std::uint64_t tables_bytes = 0, own_checksum = 0;
    const char* at = get(get(end->data(), frame.foot.count), frame.foot.own_bytes);
    get(get(get(get(at, frame.foot.text_bytes), tables_bytes), frame.foot.checksum), own_checksum);
    const std::uint64_t inside = size - kHead.size() - kFootBytes;
    if (tables_bytes > std::min(inside, kTablesBytesMax)) return bad(path, "is damaged at its end");
    const auto tables = read_end(fd, size - kFootBytes, tables_bytes);
    if (!tables) return tables.error();
    if (checksum64(*tables + end->substr(0, kFootBytes - 2 * sizeof own_checksum)) != own_checksum)
        return bad(path, "is damaged at its end");
    const std::uint64_t rows = inside - tables_bytes;
    if (rows % kRowBytes != 0 || rows / kRowBytes != frame.foot.count)
        return bad(path, "has not the rows that it should");
    try {
        frame.tables = tables_of(*tables);
    } catch (const std::exception& bad_tables) {
        return bad(path, "has tables that can't be read: " + std::string(bad_tables.what()));
    }
    return frame;
}

Result<Frame> read_frame(int index_fd, const Path& path) {
    struct stat status{};
    if (::fstat(index_fd, &status) != 0) return system_failure("look at " + index_path(path).string());
    const auto size = static_cast<std::uint64_t>(status.st_size);
    if (size < kHead.size()) return bad(path, "is cut off");
    char head[kHead.size()];
    if (auto read = read_exactly_at(index_fd, head, sizeof head, 0); !read) return read.error();
    const std::string_view version(head, sizeof head);
    if (version != kHead && version != kFirstHead) return bad(path, "is no row index of this version");
    auto frame = version == kHead ? read_second(index_fd, size, path) : read_first(index_fd, size, path);
    // What 0.1 wrote has its text beside it also where there is no row.
    if (frame && (frame->foot.own_bytes > 0 || version == kFirstHead))
        if (auto checked = check_own_text(path, frame->foot); !checked) return checked.error();
    return frame;
}

}  // namespace

Path index_path(const Path& path) {
    Path index = path;
    index += ".rows";
    return index;
}

std::uint64_t Tables::text_bytes(const Entry& entry) const {
    if (entry.form == 0) return entry.bytes;
    const RowForm& form = forms[entry.form - 1];
    const std::uint64_t id = entry.cut.id_bytes > 0 ? entry.cut.id_bytes : made_id(entry.line_number).size();
    return form.before_id.size() + id + form.before_body.size() + entry.cut.body_bytes +
           form.after_body.size();
}

Entry RowShape::decode(const char* at) const {
    Entry entry;
    at = get(get(at, entry.line_number), entry.offset);
    if (!has_checksums) {
        get(get(get(at, entry.bytes), entry.id[0]), entry.id[1]);
        return entry;
    }
    std::uint32_t size = 0;
    at = get(get(get(at, entry.id[0]), entry.id[1]), entry.checksum);
    at = get(get(get(at, size), entry.source), entry.form);
    at = get(get(at, entry.cut.id_at), entry.cut.id_bytes);
    get(get(at, entry.cut.body_at), entry.cut.body_bytes);
    entry.bytes = size;
    return entry;
}

std::array<char, kRowBytes> encode(const Entry& entry) {
    std::array<char, kRowBytes> bytes{};
    char* at = put(put(bytes.data(), entry.line_number), entry.offset);
    at = put(put(put(at, entry.id[0]), entry.id[1]), entry.checksum);
    at = put(put(put(at, static_cast<std::uint32_t>(entry.bytes)), entry.source), entry.form);
    at = put(put(at, entry.cut.id_at), entry.cut.id_bytes);
    put(put(at, entry.cut.body_at), entry.cut.body_bytes);
    return bytes;
}

std::string encode(const Tables& tables, const Foot& foot) {
    const std::string text = to_json(tables);
    std::array<char, kFootBytes> bytes{};
    char* at = put(put(put(bytes.data(), foot.count), foot.own_bytes), foot.text_bytes);
    at = put(put(at, static_cast<std::uint64_t>(text.size())), foot.checksum);
    const std::string_view checked(bytes.data(), static_cast<std::size_t>(at - bytes.data()));
    at = put(at, checksum64(text + std::string(checked)));
    kTail.copy(at, kTail.size());
    return text + std::string(bytes.data(), bytes.size());
}

Result<OpenIndex> open_index(const Path& path) {
    auto fd = open_file(index_path(path), O_RDONLY);
    if (!fd) return fd.error();
    auto frame = read_frame(fd->get(), path);
    if (!frame) return frame.error();
    return OpenIndex{std::move(*fd), std::move(*frame)};
}

Result<void> check_alone(const Entry& entry, const Frame& frame, const Path& path) {
    const RequestCut& cut = entry.cut;
    const auto is_inside = [&](std::uint64_t at, std::uint64_t bytes) { return at + bytes <= entry.bytes; };
    if (entry.source > frame.tables.sources.size() || entry.form > frame.tables.forms.size())
        return bad_line(path, entry, "is of a file or a form that its index does not name");
    if (entry.form > 0 && !(is_inside(cut.id_at, cut.id_bytes) && is_inside(cut.body_at, cut.body_bytes)))
        return bad_line(path, entry, "has an id or a body that lies outside of it");
    const std::uint64_t own_bytes = frame.foot.own_bytes;
    if (entry.source == 0 && (entry.offset >= own_bytes || entry.bytes >= own_bytes - entry.offset))
        return bad_line(path, entry, "lies behind the end of its file");
    return {};
}

Sequence::Sequence(const Frame& frame) : frame_(frame) {
    checksum_.update(kHead);
}

Result<Entry> Sequence::next(const char* bytes, const Path& path) {
    checksum_.update({bytes, frame_.shape.bytes});
    const Entry entry = frame_.shape.decode(bytes);
    if (entry.line_number <= line_number_)
        return bad_line(path, entry, "stands behind line " + std::to_string(line_number_));
    line_number_ = entry.line_number;
    if (auto checked = check_alone(entry, frame_, path); !checked) return checked.error();
    if (entry.source > 0) return entry;
    if (entry.offset != own_offset_)
        return bad_line(path, entry, "is not at byte " + std::to_string(own_offset_));
    own_offset_ += entry.bytes + 1;
    return entry;
}

Result<void> Sequence::check_end(const Path& path) const {
    if (own_offset_ != frame_.foot.own_bytes)
        return error(Errc::corrupt, path.string() + " has bytes that belong to no row");
    if (frame_.shape.has_checksums && checksum_.value() != frame_.foot.checksum)
        return bad(path, "is damaged");
    return {};
}

}  // namespace batchd::jsonl::row_format
