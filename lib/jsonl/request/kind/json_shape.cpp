#include "jsonl/request/kind/json_shape.hpp"

namespace batchd::jsonl {
namespace {

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

}  // namespace

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

}  // namespace batchd::jsonl
