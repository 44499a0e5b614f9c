#include "report/errors/reason_pattern.hpp"

#include <algorithm>

namespace batchd::report {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_mark(char c) {
    return c == '.' || c == ',' || c == ':' || c == '-';
}

/// By hand and not by the locale, which would make one file be told in two ways on two machines. Bytes
/// beyond ASCII are of no word, and are kept as they are.
bool is_of_a_word(char c) {
    return is_digit(c) || is_letter(c) || is_mark(c) || c == '_';
}

template <class Fits>
bool all_of(std::string_view word, Fits fits) {
    return std::all_of(word.begin(), word.end(), fits);
}

/// True for what differs from request to request. "gpt-4o-mini" is no such word, and "gpt-4o-2024-08-06" is
/// none either: what an id looks like is either one run of letters and digits, or hexadecimal.
bool is_particular(std::string_view word) {
    constexpr std::size_t kIdMin = 16;
    if (std::none_of(word.begin(), word.end(), is_digit)) return false;
    if (all_of(word, [](char c) { return is_digit(c) || is_mark(c); })) return true;
    if (word.size() < kIdMin) return false;
    return all_of(word, [](char c) { return is_hex(c) || c == '-'; }) ||
           all_of(word, [](char c) { return is_digit(c) || is_letter(c) || c == '_'; });
}

}  // namespace

std::string reason_pattern(std::string_view message) {
    std::string pattern;
    while (!message.empty()) {
        const auto begin = std::find_if(message.begin(), message.end(), is_of_a_word);
        const auto end = std::find_if_not(begin, message.end(), is_of_a_word);
        pattern.append(message.begin(), begin);
        std::string_view word(begin, end);
        message.remove_prefix(static_cast<std::size_t>(end - message.begin()));
        // The full stop after a number is the sentence's.
        std::string_view stop = word.substr(word.find_last_not_of(".,:-") + 1);
        word.remove_suffix(stop.size());
        pattern += is_particular(word) ? std::string_view("#") : word;
        pattern += stop;
    }
    return pattern;
}

}  // namespace batchd::report
