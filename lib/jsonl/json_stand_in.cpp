#include "jsonl/json_stand_in.hpp"

#include <algorithm>
#include <cstddef>

namespace batchd::jsonl {
namespace {

constexpr auto kNowhere = std::string_view::npos;
constexpr std::size_t kBehindText = 64;      // as behind a line
constexpr std::size_t kEscapeBytes = 6;      // \uXXXX
constexpr std::size_t kSmallNumberMax = 15;  // digits that any reader can hold

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

std::string_view take_digits(std::string_view& rest) {
    std::size_t count = 0;
    while (count < rest.size() && is_digit(rest[count])) ++count;
    const std::string_view digits = rest.substr(0, count);
    rest.remove_prefix(count);
    return digits;
}

bool take_one_of(std::string_view& rest, std::string_view wanted) {
    if (rest.empty() || wanted.find(rest.front()) == kNowhere) return false;
    rest.remove_prefix(1);
    return true;
}

/// The grammar of RFC 8259, section 6.
bool is_number(std::string_view text) {
    take_one_of(text, "-");
    const std::string_view whole = take_digits(text);
    if (whole.empty() || (whole.size() > 1 && whole.front() == '0')) return false;
    if (take_one_of(text, ".") && take_digits(text).empty()) return false;
    if (take_one_of(text, "eE")) {
        take_one_of(text, "+-");
        if (take_digits(text).empty()) return false;
    }
    return text.empty();
}

/// Half of a surrogate pair: 'D', and what the second digit may be.
bool is_escape_of(std::string_view text, std::string_view second_digit) {
    return text.size() >= kEscapeBytes && text.starts_with("\\u") && (text[2] == 'd' || text[2] == 'D') &&
           second_digit.find(text[3]) != kNowhere && is_hex(text[4]) && is_hex(text[5]);
}
/// The first half of a pair is D800 to DBFF and the second DC00 to DFFF. Source: RFC 8259, 7.
bool is_high_half(std::string_view text) {
    return is_escape_of(text, "89abAB");
}
bool is_low_half(std::string_view text) {
    return is_escape_of(text, "cdefCDEF");
}

/// Walks through the strings and numbers of a JSON text, valid or not.
class Walk {
public:
    explicit Walk(std::string_view text) : text_(text) {}

    /// The next number that may be beyond what simdjson holds, or the next lone half of a surrogate pair;
    /// empty at the end.
    std::string_view next() {
        while (at_ < text_.size()) {
            const std::string_view found = in_string_ ? step_in_string() : step_outside();
            if (!found.empty()) return found;
        }
        return {};
    }

private:
    std::string_view step_in_string() {
        at_ = text_.find_first_of("\"\\", at_);
        if (at_ == kNowhere) return {};
        const std::string_view rest = text_.substr(at_);
        if (rest.front() == '"') {
            in_string_ = false;
            ++at_;
            return {};
        }
        // A pair is one character and is left as it is; only a half without its other half is replaced.
        const bool is_pair = is_high_half(rest) && is_low_half(rest.substr(kEscapeBytes));
        const bool is_half = !is_pair && (is_high_half(rest) || is_low_half(rest));
        at_ += is_pair ? 2 * kEscapeBytes : is_half ? kEscapeBytes : 2;
        return is_half ? rest.substr(0, kEscapeBytes) : std::string_view();
    }

    std::string_view step_outside() {
        at_ = text_.find_first_of("\"+-.0123456789", at_);
        if (at_ == kNowhere) return {};
        if (text_[at_] == '"') {
            in_string_ = true;
            ++at_;
            return {};
        }
        // All that might belong to it at once; whether it is a number is asked afterwards, of the whole.
        const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789eE", at_), text_.size());
        const std::string_view number = text_.substr(at_, end - at_);
        at_ = end;
        const bool is_small =
            number.size() <= kSmallNumberMax && number.find_first_of("eE") == std::string_view::npos;
        return !is_small && is_number(number) ? number : std::string_view();
    }

    std::string_view text_;
    std::size_t at_ = 0;
    bool in_string_ = false;
};

bool is_escape(std::string_view found) {
    return found.front() == '\\';
}

}  // namespace

std::string json_stand_in(std::string_view text) {
    std::string copy;
    // simdjson reads beyond the end of what it parses.
    copy.reserve(text.size() + kBehindText);
    copy = text;
    Walk walk(text);
    for (auto found = walk.next(); !found.empty(); found = walk.next()) {
        const auto at = static_cast<std::size_t>(found.data() - text.data());
        std::string easy = is_escape(found) ? "\\ufffd" : "0";
        // Of the same length, so that positions in the copy are positions in the line; behind a number,
        // spaces change nothing.
        easy.resize(found.size(), ' ');
        copy.replace(at, found.size(), easy);
    }
    return copy;
}

std::string_view lone_surrogate(std::string_view text) {
    Walk walk(text);
    for (auto found = walk.next(); !found.empty(); found = walk.next())
        if (is_escape(found)) return found;
    return {};
}

}  // namespace batchd::jsonl
