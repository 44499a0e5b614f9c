#include <algorithm>
#include <cctype>
#include <initializer_list>

#include <simdjson.h>

#include "jsonl/json_fields.hpp"
#include "jsonl/request/kind/json_shape.hpp"
#include "jsonl/request/kind/kinds.hpp"

namespace batchd::jsonl {
namespace {

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

bool is_json(std::string_view text) {
    simdjson::dom::parser parser;
    return parser.parse(std::string(text)).error() == simdjson::SUCCESS;
}

/// What stands first in an array.
enum class Element { request, message, text_of_json, other };

Element first_element(std::string_view inside) {
    if (inside.starts_with("\"{\\\"")) return Element::text_of_json;
    if (!inside.starts_with('{')) return Element::other;
    const std::string_view object = inside.substr(0, shape_of(inside).end);
    const auto has_one_of = [&](std::initializer_list<const char*> keys) {
        return std::any_of(keys.begin(), keys.end(), [&](const char* key) { return has_key(object, key); });
    };
    if (has_one_of({"custom_id", "body", "params"})) return Element::request;
    // Before those of a bare body, as a message may have an "input" of its own.
    if (has_one_of({"role"})) return Element::message;
    if (has_one_of({"messages", "input", "prompt"})) return Element::request;
    return Element::other;
}

constexpr std::string_view kMessagesRemedy =
    "a request is an object: jq -c '{body: {messages: .}}' FILE > NEW.jsonl";

FileKind kind_of_arrays(Element element) {
    const std::string kind = "made of JSON arrays, one a line";
    switch (element) {
        case Element::request:
            return {kind, "one request a line is needed: jq -c '.[]' FILE > NEW.jsonl"};
        case Element::message:
            return {kind, std::string(kMessagesRemedy)};
        default:
            return {kind, "a request is an object: {\"custom_id\": …, \"body\": {…}}"};
    }
}

FileKind kind_of_one_array(Element element) {
    switch (element) {
        case Element::text_of_json:
            return {"a JSON array of texts that hold JSON",
                    "one request a line is needed: jq -c '.[] | fromjson' FILE > NEW.jsonl"};
        case Element::message:
            return {"a JSON array of messages", std::string(kMessagesRemedy)};
        default:
            return {"a JSON array", "one request a line is needed: jq -c '.[]' FILE > NEW.jsonl"};
    }
}

}  // namespace

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
    if (next.starts_with(',') && trimmed(next.substr(1)).starts_with('{'))
        return FileKind{
            "JSON objects with commas between them, several on one line",
            "one object a line is needed: jq -cR '\"[\" + sub(\",\\\\s*$\"; \"\") + \"]\" | fromjson[]' "
            "FILE > NEW.jsonl"};
    if (next.starts_with('{'))
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
    // As does a date in many logs. Of other arrays that are not quite JSON, this is still the best word.
    const bool may_be_date =
        inside.front() == '-' || std::isdigit(static_cast<unsigned char>(inside.front())) != 0;
    if (may_be_date && shape.end != kNotThere && !is_json(text.substr(0, shape.end))) return std::nullopt;
    const Element element = first_element(inside);
    // Several arrays, each on its line, are conversations most often: of one large array there is no second.
    if (shape.end != kNotThere && !shape.breaks && trimmed(text.substr(shape.end)).starts_with('['))
        return kind_of_arrays(element);
    return kind_of_one_array(element);
}

}  // namespace batchd::jsonl
