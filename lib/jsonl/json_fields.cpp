#include "jsonl/json_fields.hpp"

#include <algorithm>
#include <cstddef>

namespace batchd::jsonl {
namespace {

constexpr auto kEnd = std::string_view::npos;

/// Where the text goes on after white space and the separators between tokens.
std::size_t next_token(std::string_view text, std::size_t at) {
    // The text is known to be valid JSON, so separators can be skipped like white space without being held
    // against the grammar.
    return text.find_first_not_of(" \t\r\n,:", at);
}

/// Just behind the string whose opening quote is at `at`.
std::size_t skip_string(std::string_view text, std::size_t at) {
    for (++at;; ++at) {
        at = text.find('"', at);
        if (at == kEnd) return text.size();
        std::size_t backslashes = 0;
        // A quote is escaped by an odd number of backslashes before it. The loop ends at the opening quote
        // at the latest.
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

/// Numbers and the three words end where anything else begins, so their own grammar does not matter here.
std::size_t skip_value(std::string_view text, std::size_t at) {
    if (text[at] == '"') return skip_string(text, at);
    if (text[at] == '{' || text[at] == '[') return skip_container(text, at);
    return std::min(text.find_first_of(" \t\r\n,}]", at), text.size());
}

}  // namespace

JsonFields::JsonFields(std::string_view object) : text_(object), end_(object.empty() ? 0 : 1) {}

// The end of a value is looked for when somebody asks, or goes on: the last one is often most of the line.
bool JsonFields::next() {
    if (end_ == kEnd) end_ = skip_value(text_, begin_);
    key_ = next_token(text_, end_);
    // It is the closing brace.
    if (key_ == kEnd || text_[key_] != '"') return false;
    begin_ = next_token(text_, skip_string(text_, key_));
    if (begin_ == kEnd) return false;
    end_ = kEnd;
    return true;
}

std::string_view JsonFields::value() {
    if (end_ == kEnd) end_ = skip_value(text_, begin_);
    return text_.substr(begin_, end_ - begin_);
}

std::string_view JsonFields::field() {
    const std::size_t value_bytes = value().size();
    return text_.substr(key_, begin_ - key_ + value_bytes);
}

/// From behind, for what is between here and the closing brace may be all of a line of megabytes.
std::string_view JsonFields::last_value() const {
    const std::size_t brace = text_.rfind('}');
    const std::size_t last = text_.find_last_not_of(" \t\r\n", brace - 1);
    return text_.substr(begin_, last + 1 - begin_);
}

std::optional<std::string_view> first_value(std::string_view text, std::string_view key) {
    if (!text.starts_with('{')) return std::nullopt;
    JsonFields fields(text);
    if (!fields.next()) return std::nullopt;
    std::string_view field = fields.field();
    if (!field.starts_with('"') || !field.substr(1).starts_with(key)) return std::nullopt;
    field.remove_prefix(1 + key.size());
    return field.starts_with('"') ? std::optional(fields.value()) : std::nullopt;
}

}  // namespace batchd::jsonl
