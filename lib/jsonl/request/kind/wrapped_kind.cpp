#include "jsonl/request/kind/head_text.hpp"
#include "jsonl/request/kind/kinds.hpp"

namespace batchd::jsonl {
namespace {

/// Behind the white space of a JSON text within a JSON text, where a line end is an escape.
std::string_view without_escaped_blanks(std::string_view text) {
    for (;;) {
        if (!text.empty() && kBlanks.find(text.front()) != kNotThere)
            text.remove_prefix(1);
        else if (text.starts_with("\\n") || text.starts_with("\\r") || text.starts_with("\\t"))
            text.remove_prefix(2);
        else
            return text;
    }
}

bool begins_object_in_text(std::string_view inside) {
    return inside.starts_with('{') && without_escaped_blanks(inside.substr(1)).starts_with("\\\"");
}

FileKind kind_of_array_in_text(std::string_view line) {
    if (names_request_keys(line, "\\\""))
        return {"a JSON array written as JSON twice",
                "one request a line is needed: jq -c 'fromjson[]' FILE > NEW.jsonl"};
    if (line.find("\\\"role\\\"") != kNotThere)
        return {"messages written as JSON twice",
                "a request is an object: jq -c '{body: {messages: fromjson}}' FILE > NEW.jsonl"};
    return {"JSON written as JSON twice", "once is needed: jq -c fromjson FILE > NEW.jsonl"};
}

/// A JSON text that holds JSON; `line` begins with its quote.
std::optional<FileKind> kind_of_json_in_text(std::string_view line) {
    const std::string_view inside = without_escaped_blanks(line.substr(1));
    if (inside.starts_with('[') && begins_object_in_text(without_escaped_blanks(inside.substr(1))))
        return kind_of_array_in_text(line);
    if (inside.starts_with("\\\"{"))
        return FileKind{"JSON written as JSON three times",
                        "once is needed: jq -c 'fromjson | fromjson' FILE > NEW.jsonl"};
    if (!begins_object_in_text(inside)) return std::nullopt;
    if (line.find("}\\n{") != kNotThere || line.find("}\\r\\n{") != kNotThere)
        return FileKind{"a file of JSON lines written as one JSON text",
                        "its lines are needed: jq -r . FILE > NEW.jsonl"};
    return FileKind{names_request_keys(line, "\\\"") ? "requests written as JSON twice"
                                                     : "JSON objects written as JSON twice",
                    "once is needed: jq -c fromjson FILE > NEW.jsonl"};
}

/// A quoted field of CSV with JSON in it, and nothing behind it on its line: quotes are doubled in it, and
/// line ends stand as they are.
bool begins_cell_of_json(std::string_view text) {
    if (!text.starts_with('"')) return false;
    std::string_view inside = trimmed(text.substr(1));
    if (inside.starts_with('[')) inside = trimmed(inside.substr(1));
    if (!inside.starts_with('{') || !trimmed(inside.substr(1)).starts_with("\"\"")) return false;
    std::size_t end = text.find('"', 1);
    while (end != kNotThere && text.substr(end + 1).starts_with('"')) end = text.find('"', end + 2);
    // A cell that fills the whole head is a long request.
    return end == kNotThere || end + 1 >= text.size() || kBlanks.find(text[end + 1]) != kNotThere;
}

FileKind column_of_json(bool has_header) {
    const std::string rows = "csv.reader(open(\"FILE\", encoding=\"utf-8-sig\", newline=\"\"))";
    return {"a table (CSV) with one column of JSON",
            "what is in its cells is needed: python3 -c 'import csv; csv.field_size_limit(2**31 - 1); "
            "[print(*r[0].split(\"\\n\")) for r in " +
                (has_header ? "list(" + rows + ")[1:]" : rows) + " if r]' > NEW.jsonl"};
}

}  // namespace

std::optional<FileKind> kind_of_wrapped_json(std::string_view text) {
    if (begins_cell_of_json(text)) return column_of_json(false);
    const std::size_t lf = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, lf));
    if (line.front() == '"')
        if (auto kind = kind_of_json_in_text(line)) return kind;
    if (lf == kNotThere || line.find_first_of(",;\t|") != kNotThere) return std::nullopt;
    if (begins_cell_of_json(trimmed(text.substr(lf)))) return column_of_json(true);
    return std::nullopt;
}

}  // namespace batchd::jsonl
