#include "jsonl/request/kind/wide_text.hpp"

#include <algorithm>

#include "base/text/byte_order_mark.hpp"
#include "jsonl/request/kind/head_text.hpp"

namespace batchd::jsonl {
namespace {

bool is_printable_ascii(char c) {
    return (c >= ' ' && c <= '~') || c == '\t' || c == '\r' || c == '\n';
}

/// Whether many characters of `width` bytes have NULs everywhere but at `place`: ASCII in a wide encoding.
bool is_wide_ascii(std::string_view head, std::size_t width, std::size_t place) {
    // A thousand characters tell as much as the whole head.
    const std::size_t characters = std::min<std::size_t>(head.size() / width, 1024);
    std::size_t fitting = 0;
    for (std::size_t i = 0; i < characters; ++i) {
        bool fits = is_printable_ascii(head[i * width + place]);
        for (std::size_t byte = 0; byte < width; ++byte)
            fits = fits && (byte == place || head[i * width + byte] == '\0');
        if (fits) ++fitting;
    }
    // Other scripts may stand in the strings; JSON itself is ASCII.
    return characters >= 4 && fitting * 5 >= characters;
}

/// The part of a text that is in UTF-16.
struct WidePart {
    std::size_t begin = 0;  ///< its first byte
    bool is_little = false;
    bool is_marked = false;
};

/// From the first NUL on, which is one half of an ASCII character: at the start of a line its second, as the
/// first would be the line end before.
std::optional<WidePart> wide_part(std::string_view head) {
    const std::size_t nul = head.find('\0');
    if (nul == kNotThere || nul == 0) return std::nullopt;
    WidePart part{.is_little = head[nul - 1] != '\n' && head[nul - 1] != '\xFF'};
    part.begin = part.is_little ? nul - 1 : nul;
    if (!is_wide_ascii(head.substr(part.begin), 2, part.is_little ? 0 : 1)) return std::nullopt;
    part.is_marked = head.substr(0, part.begin).ends_with(part.is_little ? "\xFF\xFE" : "\xFE\xFF");
    if (part.is_marked) part.begin -= 2;
    return part;
}

bool begins_with_object(std::string_view head) {
    const std::string_view text = trimmed(without_byte_order_mark(head));
    return text.starts_with('{') && trimmed(text.substr(1)).starts_with('"');
}

}  // namespace

std::optional<FileKind> unmarked_wide_kind(std::string_view head) {
    const auto utf = [](std::string_view bits, std::string_view ends, std::string_view name) {
        return FileKind{
            "text in UTF-" + std::string(bits) + " without a mark, " + std::string(ends) + " end first",
            "UTF-8 is needed: iconv -f " + std::string(name) + " -t UTF-8 FILE > NEW.jsonl"};
    };
    // The wider first: every text in UTF-32 has NULs where one in UTF-16 has them.
    if (is_wide_ascii(head, 4, 0)) return utf("32", "little", "UTF-32LE");
    if (is_wide_ascii(head, 4, 3)) return utf("32", "big", "UTF-32BE");
    if (is_wide_ascii(head, 2, 0)) return utf("16", "little", "UTF-16LE");
    if (is_wide_ascii(head, 2, 1)) return utf("16", "big", "UTF-16BE");
    return std::nullopt;
}

std::optional<FileKind> partly_wide_kind(std::string_view head) {
    if (!begins_with_object(head)) return std::nullopt;
    const auto part = wide_part(head);
    if (!part) return std::nullopt;
    const std::string_view before = head.substr(0, part->begin);
    const auto lines_before = std::count(before.begin(), before.end(), '\n');
    const std::string kind = std::string("partly text in UTF-16, ") + (part->is_little ? "little" : "big") +
                             " end first, from line " + std::to_string(lines_before + 1) +
                             " on, as PowerShell's >> writes it";
    // Both on one line: there is no place where a command for lines could part them.
    if (!before.ends_with('\n')) return FileKind{kind, "UTF-8 is needed all through"};
    const std::string name = part->is_marked ? "UTF-16" : part->is_little ? "UTF-16LE" : "UTF-16BE";
    return FileKind{kind, "UTF-8 is needed: (head -n " + std::to_string(lines_before) + " FILE; tail -n +" +
                              std::to_string(lines_before + 1) + " FILE | iconv -f " + name +
                              " -t UTF-8) > NEW.jsonl"};
}

}  // namespace batchd::jsonl
