#include <cctype>
#include <vector>

#include <simdjson.h>

#include "base/text/byte_order_mark.hpp"
#include "jsonl/request/file_kind.hpp"
#include "jsonl/request/kind/json_shape.hpp"
#include "jsonl/request/kind/kinds.hpp"
#include "jsonl/request/kind/wide_text.hpp"

namespace batchd::jsonl {
namespace {

bool is_web_page(std::string_view text) {
    return begins_like(text, "<!doctype html") || begins_like(text, "<html") || begins_like(text, "<head");
}

bool is_yaml(const std::vector<std::string_view>& lines) {
    if (lines.front() == "---") return true;
    const std::string_view line =
        lines.front().starts_with("- ") ? trimmed(lines.front().substr(2)) : lines.front();
    const std::size_t colon = line.find(':');
    // "key: value" or "key:" with more below it. An address has no space behind its colon.
    return colon != kNotThere && is_name(line.substr(0, colon)) &&
           (colon + 1 == line.size() || line[colon + 1] == ' ') && lines.size() > 1;
}

bool is_prose(std::string_view line) {
    return std::isalnum(static_cast<unsigned char>(line.front())) != 0 && line.find(' ') != kNotThere &&
           line.find_first_of("{}") == kNotThere;
}

/// A quote at its end that closes the one at its beginning. A line of CSV has further ones.
bool is_json_text(std::string_view line) {
    if (line.front() != '"') return false;
    std::size_t at = 1;
    while (at < line.size() && line[at] != '"') at += line[at] == '\\' ? 2U : 1U;
    return at + 1 == line.size();
}

std::optional<FileKind> kind_of_texts(const std::vector<std::string_view>& lines) {
    if (lines.size() < 2) return std::nullopt;
    const auto remedy = [](const std::string& flags) {
        return "one request a line is needed: jq -" + flags +
               " '{body: {messages: [{role: \"user\", content: .}]}}' FILE";
    };
    if (is_json_text(lines[0]) && is_json_text(lines[1]))
        return FileKind{"made of JSON texts, one a line", remedy("c")};
    if (is_prose(lines[0]) && is_prose(lines[1])) return FileKind{"plain text", remedy("Rc")};
    return std::nullopt;
}

std::optional<FileKind> kind_of_other_text(std::string_view text) {
    // Two lines tell tables, texts and YAML apart; further down nothing new would come.
    const auto lines = first_lines(text, 2);
    if (auto table = kind_of_table(lines)) return table;
    if (is_yaml(lines))
        // Two programs have that name, and neither knows the options of the other.
        return FileKind{
            "YAML",
            "one JSON object a line is needed: yq -o=json -I=0 '.[]' FILE > NEW.jsonl, or, with the "
            "yq of Debian and Ubuntu, yq -c '.[]' FILE > NEW.jsonl"};
    return kind_of_texts(lines);
}

/// "[2026-01-01 10:00:00] {…": what is in brackets ends before the object.
bool is_bracketed_prefix(std::string_view text) {
    const std::size_t object = object_at(text.substr(0, text.find('\n')));
    return object != kNotThere && shape_of(text).end <= object;
}

std::optional<FileKind> kind_of_form(std::string_view text) {
    if (auto kind = kind_of_leftover(text)) return kind;
    if (text.front() == '{') return kind_of_objects(text);
    if (text.front() == '[' && !is_bracketed_prefix(text)) return kind_of_array(text);
    if (is_web_page(text))
        return FileKind{"a page of the web, perhaps an error of a server", "get the file again"};
    if (text.starts_with("data:") || text.starts_with("event:"))
        return FileKind{"a stream of events, as a server sends it", "requests are needed, one a line"};
    if (auto kind = kind_of_wrapped_json(text)) return kind;
    if (auto kind = kind_of_prefixed_objects(text)) return kind;
    if (text.front() == '<') return FileKind{"XML", "make one JSON object a line of it"};
    return kind_of_other_text(text);
}

/// A head may end in the middle of a character, but not behind a line end.
bool is_utf8(std::string_view head) {
    const std::size_t lf = head.rfind('\n');
    return lf == kNotThere || simdjson::validate_utf8(head.data(), lf);
}

}  // namespace

std::optional<FileKind> text_kind(std::string_view head) {
    head = head.substr(0, kHeadBytes);
    if (auto kind = partly_wide_kind(head)) return kind;
    head = without_byte_order_mark(head);
    const std::size_t first = head.find_first_not_of(kBlanks);
    if (first == kNotThere) return std::nullopt;
    const std::string_view text = head.substr(first);
    // The form before the encoding: who exports a table again sets its encoding on the way.
    if (auto kind = kind_of_form(text)) return kind;
    if (is_utf8(text)) return std::nullopt;
    return FileKind{"text in another encoding than UTF-8, ISO-8859-1 or Windows-1252 perhaps",
                    "UTF-8 is needed: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW.jsonl"};
}

}  // namespace batchd::jsonl
