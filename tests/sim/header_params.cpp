#include "sim/header_params.hpp"

#include <algorithm>
#include <charconv>

namespace batchd::sim {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

void skip_blanks(std::string_view& rest) {
    while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
}

std::string_view trimmed(std::string_view text) {
    skip_blanks(text);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

/// Takes a quoted string, whose opening quote was seen, off the front of `rest`.
std::optional<std::string> take_quoted(std::string_view& rest) {
    std::string text;
    for (std::size_t i = 1; i < rest.size(); ++i) {
        if (rest[i] == '"') {
            rest.remove_prefix(i + 1);
            return text;
        }
        if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
        text += rest[i];
    }
    return std::nullopt;
}

std::optional<std::string> take_param_value(std::string_view& rest) {
    skip_blanks(rest);
    if (!rest.empty() && rest.front() == '"') return take_quoted(rest);
    const std::string_view token = rest.substr(0, rest.find(';'));
    rest.remove_prefix(token.size());
    return std::string(trimmed(token));
}

}  // namespace

std::string to_lower(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return lower;
}

std::optional<HeaderValue> parse_header_value(std::string_view text) {
    HeaderValue header;
    std::string_view rest = text;
    const std::string_view first = rest.substr(0, rest.find(';'));
    header.value = to_lower(trimmed(first));
    rest.remove_prefix(first.size());
    while (!rest.empty()) {
        if (rest.front() != ';') return std::nullopt;
        rest.remove_prefix(1);
        skip_blanks(rest);
        if (rest.empty()) break;
        const auto equals = rest.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        const std::string name = to_lower(trimmed(rest.substr(0, equals)));
        rest.remove_prefix(equals + 1);
        auto value = take_param_value(rest);
        if (!value || name.empty()) return std::nullopt;
        header.params.emplace(name, std::move(*value));
        skip_blanks(rest);
    }
    return header;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        unsigned byte = 0;
        const char* const begin = text.data() + i + 1;
        if (i + 2 >= text.size() || std::from_chars(begin, begin + 2, byte, 16).ptr != begin + 2)
            return std::nullopt;
        decoded += static_cast<char>(byte);
        i += 2;
    }
    return decoded;
}

std::optional<std::string> decode_extended(std::string_view text) {
    const auto charset_end = text.find('\'');
    const auto language_end = text.find('\'', charset_end + 1);
    if (charset_end == std::string_view::npos || language_end == std::string_view::npos) return std::nullopt;
    if (to_lower(text.substr(0, charset_end)) != "utf-8") return std::nullopt;
    return percent_decode(text.substr(language_end + 1));
}

}  // namespace batchd::sim
