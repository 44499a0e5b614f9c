#pragma once

#include <algorithm>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "base/text/letter_case.hpp"

/// How the first bytes of a file are looked at. Private to the library.
namespace batchd::jsonl {

inline constexpr auto kNotThere = std::string_view::npos;
inline constexpr std::string_view kBlanks = " \t\r\n";

inline std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == kNotThere) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

/// The lines that are not blank, the first `count_max` of them, without blanks around them.
inline std::vector<std::string_view> first_lines(std::string_view text, std::size_t count_max) {
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < count_max) {
        const std::size_t lf = text.find('\n');
        if (const auto line = trimmed(text.substr(0, lf)); !line.empty()) lines.push_back(line);
        text.remove_prefix(lf == kNotThere ? text.size() : lf + 1);
    }
    return lines;
}

inline bool begins_like(std::string_view text, std::string_view lower) {
    return is_word(text.substr(0, lower.size()), lower);
}

/// Names go into a command that is offered, so nothing is one that a shell would read otherwise.
inline bool is_name(std::string_view word) {
    return !word.empty() && word.size() <= 40 && std::all_of(word.begin(), word.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_';
    });
}

/// Whether keys of a request stand in it, each within `quote`s: `"`, or what a quote becomes within a text.
/// Also of text that is cut, or no JSON.
inline bool names_request_keys(std::string_view text, std::string_view quote = "\"") {
    const auto stands = [&](std::string_view key) {
        return text.find(std::string(quote) + std::string(key) + std::string(quote)) != kNotThere;
    };
    return stands("custom_id") || stands("body") || stands("messages") || stands("prompt") || stands("input");
}

}  // namespace batchd::jsonl
