#include "jsonl/json_fields.hpp"

#include <algorithm>
#include <cstddef>

namespace batchd::jsonl {
namespace {

constexpr auto kEnd = std::string_view::npos;

/// Where the text goes on after white space and the separators between tokens.
std::size_t next_token(std::string_view text, std::size_t at) {
    return text.find_first_not_of(" \t\r\n,:", at);
}

/// Just behind the string whose opening quote is at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at;; ++at) {
        at = text.find('"', at);
        if (at == kEnd) return text.size();
        std::size_t backslashes = 0;
        while (text[at - backslashes - 1] == '\\') ++backslashes;
        if (backslashes % 2 == 0) return at + 1;
    }
}

/// Just behind the object or array that opens at `at`.
std::size_t skip_container(std::string_view text, std::size_t at) {
    std::size_t depth = 0;
    while (at < text.size()) {
        switch (text[at]) {
            case '"':
                at = skip_string(text, at);
                continue;
            case '{':
            case '[':
                ++depth;
                break;
            case '}':
            case ']':
                --depth;
                break;
            default:
                break;
        }
        ++at;
        if (depth == 0) break;
    }
    return at;
}

std::size_t skip_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') return skip_string(text, at);
    if (text[at] == '{' || text[at] == '[') return skip_container(text, at);
    return std::min(text.find_first_of(" \t\r\n,}]", at), text.size());
}

}  // namespace

JsonFields::JsonFields(std::string_view object) : text_(object), at_(object.empty() ? 0 : 1) {}

bool JsonFields::next() {
    const std::size_t key = next_token(text_, at_);
    if (key == kEnd || text_[key] != '"') return false;
    const std::size_t begin = next_token(text_, skip_string(text_, key));
    if (begin == kEnd) return false;
    at_ = skip_value(text_, begin);
    field_ = text_.substr(key, at_ - key);
    value_ = text_.substr(begin, at_ - begin);
    return true;
}

}  // namespace batchd::jsonl
