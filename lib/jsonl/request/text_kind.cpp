#include <algorithm>
#include <cctype>
#include <vector>

#include <simdjson.h>

#include "base/text/byte_order_mark.hpp"
#include "base/text/letter_case.hpp"
#include "jsonl/json_fields.hpp"
#include "jsonl/request/file_kind.hpp"

namespace batchd::jsonl {
namespace {

constexpr auto kNotThere = std::string_view::npos;
constexpr std::string_view kBlanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == kNotThere) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The lines that are not blank, the first `count_max` of them, without blanks around them.
std::vector<std::string_view> first_lines(std::string_view text, std::size_t count_max) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < count_max) {
        const std::size_t lf = text.find('\n');
        if (const auto line = trimmed(text.substr(0, lf)); !line.empty()) lines.push_back(line);
        text.remove_prefix(lf == kNotThere ? text.size() : lf + 1);
    }
    return lines;
}

bool begins_like(std::string_view text, std::string_view lower) {
    return is_word(text.substr(0, lower.size()), lower);
}

/// Names go into a command that is offered, so nothing is one that a shell would read otherwise.
bool is_name(std::string_view word) {
    return !word.empty() && word.size() <= 40 && std::all_of(word.begin(), word.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

/// What a walk through the first value of a text finds outside of its strings.
struct Shape {
    std::size_t end = kNotThere;  ///< behind the value, where it ends
    bool breaks = false;          ///< a line end inside it
    bool comment = false;
    bool python_word = false;   ///< True, False or None
    bool odd = false;           ///< another word without quotes, or single quotes
    bool comma_at_end = false;  ///< before a closing bracket
};

std::size_t string_end(std::string_view text, std::size_t at) {
    // A string ends with its line at the latest, so that one quote too few does not swallow the rest.
    for (++at; at < text.size() && text[at] != '"' && text[at] != '\n'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

void note_word(Shape& shape, std::string_view word) {
    if (word == "True" || word == "False" || word == "None")
        shape.python_word = true;
    else if (word != "true" && word != "false" && word != "null" && word != "e" && word != "E")
        shape.odd = true;
}

std::size_t word_end(std::string_view text, std::size_t at) {
    while (at < text.size() && std::isalpha(static_cast<unsigned char>(text[at])) != 0) ++at;
    return at;
}

std::size_t comment_end(std::string_view text, std::size_t at) {
    const std::size_t end = text[at + 1] == '/' ? text.find('\n', at) : text.find("*/", at + 2);
    return end == kNotThere ? text.size() : end + (text[end] == '*' ? 2 : 0);
}

Shape shape_of(std::string_view text) {
    Shape shape;
    std::size_t depth = 0;
    char before = '\0';  // the last that is not blank
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        const std::string_view two = text.substr(at, 2);
        if (c == '"') {
            at = string_end(text, at);
        } else if (const std::size_t end = word_end(text, at); end > at) {
            // A word at the end of the head may be cut off, and so is not judged.
            if (end < text.size()) note_word(shape, text.substr(at, end - at));
            at = end;
        } else if (two == "//" || two == "/*") {
            shape.comment = true;
            at = comment_end(text, at);
            continue;
        } else {
            ++at;
            if (c == '{' || c == '[') ++depth;
            shape.breaks = shape.breaks || c == '\n';
            shape.odd = shape.odd || c == '\'';
            const bool closes = c == '}' || c == ']';
            shape.comma_at_end = shape.comma_at_end || (closes && before == ',');
            // Only the first value is looked at: what follows is most often more of the same.
            if (closes && --depth == 0) {
                shape.end = at;
                return shape;
            }
        }
        if (kBlanks.find(c) == kNotThere) before = c;
    }
    return shape;
}

/// Objects in a way of writing that is near JSON. The first key tells, for further on a slip may look alike.
std::optional<FileKind> not_quite_json(std::string_view text, const Shape& shape) {
    const std::size_t key = text.find_first_not_of("{[ \t\r\n");
    const char first = key == kNotThere ? '\0' : text[key];
    // Beside other oddities a True proves nothing: the file is broken in more than one way.
    if (first == '\'' || (shape.python_word && !shape.odd))
        return FileKind{"text as Python prints it, with single quotes, True or None",
                        "JSON is needed: write each line with json.dumps(request)"};
    if (first == '/' || (shape.comment && !shape.odd))
        return FileKind{"JSON with comments", "JSON has none: take them out, and write one object a line"};
    if (std::isalpha(static_cast<unsigned char>(first)) != 0 && text.front() == '{')
        return FileKind{"JavaScript rather than JSON: keys without quotes",
                        "JSON is needed: write each line with JSON.stringify(request)"};
    if (shape.comma_at_end && !shape.odd)
        return FileKind{"JSON with commas before closing brackets",
                        "JSON has none there: take them out, and write one object a line"};
    return std::nullopt;
}

/// The key under which a document holds its list of objects; "" where it is no such document.
std::string_view key_of_list(std::string_view object) {
    JsonFields fields(object);
    // The list stands near the beginning of a document, and a head of 64 KiB may have thousands of keys.
    for (int count = 0; count < 20 && fields.next(); ++count) {
        const std::string_view field = fields.field();
        const std::string_view key = field.substr(1, field.find('"', 1) - 1);
        const std::string_view value = fields.value();
        // These are lists of objects in a request itself. A key that is no plain name would not do in the
        // command that is offered.
        if (key == "messages" || key == "input" || key == "prompt" || !is_name(key)) continue;
        if (value.starts_with('[') && trimmed(value.substr(1)).starts_with('{')) return key;
    }
    return {};
}

bool has_key(std::string_view object, std::string_view wanted) {
    JsonFields fields(object);
    for (int count = 0; count < 50 && fields.next(); ++count)
        if (fields.field().substr(1).starts_with(std::string(wanted) + '"')) return true;
    return false;
}

/// Objects one a line, but of something else.
std::optional<FileKind> kind_of_foreign_objects(std::string_view object) {
    // It is a request, and what is wrong with it is told line by line.
    for (const char* key : {"body", "messages", "input", "prompt"})
        if (has_key(object, key)) return std::nullopt;
    if (has_key(object, "response"))
        return FileKind{"a file of answers, not of requests", "drop the file of requests"};
    if (has_key(object, "error"))
        return FileKind{"an error message of a server, not requests", "get the file again"};
    if (has_key(object, "params"))
        return FileKind{
            "made of requests in the form of Anthropic's batches, with \"params\"",
            "the body is called \"body\" here: jq -c '{custom_id, body: .params}' FILE > NEW.jsonl"};
    if (has_key(object, "request") || has_key(object, "contents"))
        return FileKind{"made of requests in the form of Gemini's batches",
                        "OpenAI's form is needed: {\"custom_id\": …, \"body\": {\"messages\": […]}}"};
    return FileKind{"made of JSON objects that are no requests",
                    "a request is {\"custom_id\": …, \"body\": {…}}, or a body with \"messages\", \"input\" "
                    "or \"prompt\""};
}

std::optional<FileKind> kind_of_objects(std::string_view text) {
    const Shape shape = shape_of(text);
    if (const auto kind = not_quite_json(text, shape)) return kind;
    const bool ends = shape.end != kNotThere;
    const std::string_view object = text.substr(0, shape.end);
    // Before the line ends: a document is pretty-printed most often, and unpacking its list mends both.
    if (const auto key = key_of_list(object); !key.empty())
        return FileKind{"one JSON document with a list, \"" + std::string(key) + "\"",
                        "one request a line is needed: jq -c '." + std::string(key) + "[]' FILE > NEW.jsonl"};
    if (shape.breaks)
        return FileKind{"pretty-printed JSON, objects over many lines",
                        "one object a line is needed: jq -c . FILE > NEW.jsonl"};
    // One object fills the whole head: a long request, more likely than a mistake.
    if (!ends) return std::nullopt;
    const std::string_view behind = text.substr(shape.end);
    const std::string_view next = trimmed(behind.substr(0, behind.find('\n')));
    if (next == ",")
        return FileKind{"JSON objects with commas between them",
                        "lines without commas are needed: sed 's/,[[:space:]]*$//' FILE > NEW.jsonl"};
    if (next.starts_with('{') || next.starts_with(",{") || next.starts_with(", {"))
        return FileKind{"JSON objects of which several stand on one line",
                        "one object a line is needed: jq -c . FILE > NEW.jsonl"};
    return kind_of_foreign_objects(object);
}

std::optional<FileKind> kind_of_array(std::string_view text) {
    const std::string_view inside = trimmed(text.substr(1));
    // A section of a configuration file begins with a bracket as well.
    if (inside.empty() || std::string_view("{[\"]'-0123456789").find(inside.front()) == kNotThere)
        return std::nullopt;
    const Shape shape = shape_of(text);
    if (const auto kind = not_quite_json(text, shape)) return kind;
    // Several arrays, each on its line, are conversations: of one large array there is no second.
    if (shape.end != kNotThere && !shape.breaks && trimmed(text.substr(shape.end)).starts_with('['))
        return FileKind{"made of JSON arrays, one a line",
                        "a request is an object; where they are messages: jq -c '{body: {messages: .}}' FILE "
                        "> NEW.jsonl"};
    return FileKind{"a JSON array", "one request a line is needed: jq -c '.[]' FILE > NEW.jsonl"};
}

std::optional<FileKind> kind_of_markup(std::string_view text) {
    if (begins_like(text, "<!doctype html") || begins_like(text, "<html") || begins_like(text, "<head"))
        return FileKind{"a page of the web, perhaps an error of a server", "get the file again"};
    return FileKind{"XML", "make one JSON object a line of it"};
}

/// How many fields a line of CSV has; quotes may hold separators.
std::size_t count_fields(std::string_view line, char separator) {
    std::size_t fields = 1;
    bool quoted = false;
    for (const char c : line) {
        // Doubled quotes within a field turn it off and on again, which comes to the same.
        if (c == '"') quoted = !quoted;
        if (c == separator && !quoted) ++fields;
    }
    return fields;
}

std::optional<FileKind> kind_of_table(const std::vector<std::string_view>& lines) {
    if (lines.size() < 2) return std::nullopt;
    // Tabs first: they are the rarest within the fields of another table.
    for (const char separator : {'\t', ',', ';', '|'}) {
        const std::size_t fields = count_fields(lines[0], separator);
        // Two lines that agree in the number of fields are no accident; one line alone would make any
        // sentence with a comma a table.
        if (fields < 2 || count_fields(lines[1], separator) != fields) continue;
        const bool tabs = separator == '\t';
        return FileKind{tabs ? "a table with tabs (TSV)" : "a table (CSV)",
                        std::string("one JSON object a line is needed: mlr --i") + (tabs ? "tsv" : "csv") +
                            " --ojsonl cat FILE makes one of each row, and a request is {\"custom_id\": …, "
                            "\"body\": {…}}"};
    }
    return std::nullopt;
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

std::optional<FileKind> kind_of_texts(const std::vector<std::string_view>& lines) {
    if (lines.size() < 2) return std::nullopt;
    const auto is_string = [](std::string_view line) { return line.size() > 1 && line.ends_with('"'); };
    const auto remedy = [](const std::string& flags) {
        return "one request a line is needed: jq -" + flags +
               " '{body: {messages: [{role: \"user\", content: .}]}}' FILE";
    };
    if (lines[0].front() == '"' && lines[1].front() == '"' && is_string(lines[0]) && is_string(lines[1]))
        return FileKind{"made of JSON texts, one a line", remedy("c")};
    if (is_prose(lines[0]) && is_prose(lines[1])) return FileKind{"plain text", remedy("Rc")};
    return std::nullopt;
}

std::optional<FileKind> kind_of_other_text(std::string_view text) {
    // Two lines tell tables, texts and YAML apart; further down nothing new would come.
    const auto lines = first_lines(text, 2);
    // Before YAML, for which "data: …" would do as well.
    if (lines.front().starts_with("data:") || lines.front().starts_with("event:"))
        return FileKind{"a stream of events, as a server sends it", "requests are needed, one a line"};
    if (auto table = kind_of_table(lines)) return table;
    if (is_yaml(lines))
        return FileKind{"YAML", "one JSON object a line is needed: yq -o=json -I=0 '.[]' FILE > NEW.jsonl"};
    return kind_of_texts(lines);
}

std::optional<FileKind> kind_of_form(std::string_view text) {
    if (text.front() == '{') return kind_of_objects(text);
    if (text.front() == '[') return kind_of_array(text);
    if (text.front() == '<') return kind_of_markup(text);
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
