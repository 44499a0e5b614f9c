#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Upper and lower case of the letters of ASCII alone, whatever the locale: of words of formats and
/// protocols.
namespace batchd {

constexpr char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

inline std::string to_lower(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) c = to_lower(c);
    return lower;
}

/// True where `text` is `word`, which is in lower case, in any case.
inline bool is_word(std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char a, char b) { return to_lower(a) == b; });
}

/// True where it is one of `words`.
template <class Words>
bool is_any_word(std::string_view text, const Words& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return is_word(text, word); });
}

/// True where `words`, which are in lower case, stand somewhere in `text`, in any case.
inline bool says(std::string_view text, std::string_view words) {
    return std::search(text.begin(), text.end(), words.begin(), words.end(),
                       [](char a, char b) { return to_lower(a) == b; }) != text.end();
}

/// True where it says one of them.
template <class Words>
bool says_any(std::string_view text, const Words& words) {
    return std::any_of(words.begin(), words.end(), [&](std::string_view one) { return says(text, one); });
}

}  // namespace batchd
