#include "provider/validation/named_lines.hpp"

#include <charconv>

namespace batchd::provider {
namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// The text behind any of `characters` at its beginning.
std::string_view skip(std::string_view text, std::string_view characters) {
    const std::size_t begin = text.find_first_not_of(characters);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// Behind the separator of a list, "" where it does not go on.
std::string_view next_in_list(std::string_view text) {
    const std::string_view rest = skip(text, " ,");
    if (rest.starts_with("and ")) return skip(rest.substr(4), " ");
    return rest.size() < text.size() && text.starts_with(',') ? rest : std::string_view();
}

/// Reads "3, 8 and 12" at the start of `text`. Only numbers that stand right behind the word count, for a
/// message has others in it.
void read_numbers(std::string_view text, std::vector<std::uint64_t>& lines) {
    while (!text.empty()) {
        std::uint64_t number = 0;
        const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (ec != std::errc()) return;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        // A JSON parser that speaks of its own text, which is one line of ours.
        if (skip(text, " ,(:").starts_with("col")) return;
        lines.push_back(number);
        text = next_in_list(text);
    }
}

}  // namespace

std::vector<std::uint64_t> named_lines(std::string_view message) {
    std::vector<std::uint64_t> lines;
    // From its second letter on, so that "Line" and "line" are found alike.
    for (std::size_t at = message.find("ine"); at != std::string_view::npos;
         at = message.find("ine", at + 3)) {
        if (at == 0 || (message[at - 1] != 'l' && message[at - 1] != 'L')) continue;
        if (at > 1 && is_letter(message[at - 2])) continue;  // "deadline", "in_line"
        std::string_view rest = message.substr(at + 3);
        if (rest.starts_with('s')) rest.remove_prefix(1);
        for (const std::string_view word : {"_number", " number"})
            if (rest.starts_with(word)) rest.remove_prefix(word.size());
        read_numbers(skip(rest, " :#="), lines);
    }
    return lines;
}

}  // namespace batchd::provider
