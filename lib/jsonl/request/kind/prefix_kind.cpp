#include "base/text/strange_mark.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/kind/json_shape.hpp"
#include "jsonl/request/kind/kinds.hpp"

namespace batchd::jsonl {
namespace {

/// A line with an object that does not begin it.
struct Prefixed {
    std::string_view before;
    std::string_view object;
    std::string_view behind;  ///< what follows it on its line, without blanks around it
};

std::optional<Prefixed> prefixed(std::string_view line) {
    const std::size_t at = object_at(line);
    if (at == 0 || at == kNotThere) return std::nullopt;
    const std::string_view rest = line.substr(at);
    const std::size_t end = std::min(shape_of(rest).end, rest.size());
    return Prefixed{line.substr(0, at), rest.substr(0, end), trimmed(rest.substr(end))};
}

/// Without the codes by which a terminal is told colours: ESC [ … m, and K as grep has it.
std::string without_colours(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        const std::size_t end = text.starts_with("\x1b[") ? text.find_first_not_of("0123456789;", 2) : 0;
        const bool is_code = end > 0 && end != kNotThere && (text[end] == 'm' || text[end] == 'K');
        if (!is_code) plain += text.front();
        text.remove_prefix(is_code ? end + 1 : 1);
    }
    return plain;
}

bool begins_json(std::string_view line) {
    if (!line.starts_with('{') && !line.starts_with('[')) return false;
    const std::string_view next = trimmed(line.substr(1));
    return next.empty() || next.starts_with('"') || next.starts_with('{') || next.starts_with('[');
}

std::optional<FileKind> kind_of_coloured(std::string_view line) {
    if (!line.starts_with("\x1b[")) return std::nullopt;
    const std::string plain = without_colours(line);
    const bool is_bare = begins_json(plain);
    if (!is_bare && object_at(plain) == kNotThere) return std::nullopt;
    return FileKind{"JSON in the colours of a terminal, as jq -C and grep --color write them",
                    std::string("write it without them (jq -M), or take them out: ") +
                        "sed 's/\\x1b\\[[0-9;]*[mK]//g' FILE" + (is_bare ? " | jq -c ." : "") +
                        " > NEW.jsonl"};
}

/// Python's own way to print a text or bytes, quotes within which the object stands.
std::optional<FileKind> kind_of_python(const Prefixed& line) {
    const bool bytes = line.before.starts_with('b');
    const std::string_view quote = line.before.substr(bytes ? 1 : 0);
    if ((quote != "'" && quote != "\"") || !line.behind.ends_with(quote)) return std::nullopt;
    return FileKind{
        bytes ? "bytes as Python prints them, b'…'" : "texts as Python prints them, in single quotes",
        std::string("what is in them is needed: python3 -c 'import ast, sys; ") +
            "[print(ast.literal_eval(l)" + (bytes ? ".decode()" : "") +
            ") for l in sys.stdin if l.strip()]' < FILE > NEW.jsonl"};
}

std::optional<FileKind> kind_of_diff(const Prefixed& line) {
    if (line.before == "+" || line.before == "> ")
        return FileKind{"lines of a diff, with \"" + std::string(line.before) + "\" before what is new",
                        "what it leads to is needed: sed -n 's/^[+>] *{/{/p' FILE > NEW.jsonl"};
    if (line.before == "-" || line.before == "< ")
        return FileKind{"lines of a diff, with \"" + std::string(line.before) + "\" before what is gone",
                        "the file itself is needed"};
    return std::nullopt;
}

/// As it is shown, with the name of what would not be seen.
std::string shown(std::string_view before) {
    const std::string text = '"' + excerpt(before) + '"';
    const StrangeMark* const mark = strange_mark(before);
    return mark == nullptr ? text : text + " (" + std::string(mark->name) + ")";
}

FileKind kind_of_surrounded(const Prefixed& line) {
    const std::string place = line.behind.empty() ? "before" : "around";
    // Within quotes something is escaped that nobody knows.
    const bool is_quoted = !line.behind.empty() && line.before.find_last_of("'\"`") == line.before.size() - 1;
    // With braces around it, an object can't be told from them.
    const bool is_told_apart =
        line.before.find_first_of("{}") == kNotThere && line.behind.find_first_of("{}") == kNotThere;
    // What stands in a column of its own may be the id of a request that has none, and would be lost.
    const bool is_row =
        line.before.find_first_of("\t,;|") != kNotThere && line.object.find("\"custom_id\"") == kNotThere;
    return {"JSON objects with something " + place + " each, first " + shown(line.before),
            std::string("a line must be the object alone") +
                (is_quoted || is_row || !is_told_apart ? "" : ": grep -ao '{.*}' FILE > NEW.jsonl")};
}

}  // namespace

std::size_t object_at(std::string_view line) {
    bool quoted = false;
    for (std::size_t at = 0; at < line.size(); ++at) {
        if (line[at] == '"') quoted = !quoted;
        if (line[at] != '{' || quoted) continue;
        const std::size_t next = line.find_first_not_of(kBlanks, at + 1);
        if (next != kNotThere && line[next] == '"') return at;
    }
    return kNotThere;
}

std::optional<FileKind> kind_of_prefixed_objects(std::string_view text) {
    if (text.starts_with('\x1E'))
        return FileKind{"JSON texts with a record separator (\\x1e) before each, as jq --seq writes them",
                        "lines without it are needed: tr -d '\\036' < FILE | jq -c . > NEW.jsonl"};
    const auto lines = first_lines(text, 2);
    if (auto coloured = kind_of_coloured(lines.front())) return coloured;
    const auto first = prefixed(lines.front());
    // Two lines that agree are no accident: in prose, and in tables, an object may well stand in one of them.
    if (!first || !names_request_keys(first->object)) return std::nullopt;
    if (lines.size() > 1 && object_at(lines[1]) == kNotThere) return std::nullopt;
    if (auto python = kind_of_python(*first)) return python;
    if (auto diff = kind_of_diff(*first)) return diff;
    return kind_of_surrounded(*first);
}

}  // namespace batchd::jsonl
