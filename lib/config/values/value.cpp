#include "config/values/value.hpp"

#include <array>
#include <charconv>

#include "base/log.hpp"

namespace batchd::config {
namespace {

// Enough to find the place; a value may be a page that was pasted by mistake.
constexpr std::size_t kShownMax = 80;

/// An address may hold a password where a user name stands, and what is wrong in a configuration is logged.
std::string without_user(std::string_view text) {
    const std::size_t scheme = text.find("://");
    const std::size_t at = text.rfind('@');
    if (scheme == std::string_view::npos || at == std::string_view::npos || at < scheme)
        return std::string(text);
    return std::string(text.substr(0, scheme + 3)) + "[…]" + std::string(text.substr(at));
}

struct Describe {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return toml_number(value); }
    std::string operator()(const std::string& value) const {
        const std::string shown = without_user(value);
        return "\"" + printable(shown.substr(0, kShownMax)) + (shown.size() > kShownMax ? "…\"" : "\"");
    }
    std::string operator()(const Value::Array&) const { return "an array"; }
    std::string operator()(const Value::Table&) const { return "a table"; }
    std::string operator()(const Value::Other& value) const { return std::string(value.kind); }
};

}  // namespace

std::string describe(const Value& value) {
    return std::visit(Describe{}, value.content);
}

std::string toml_string(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') out += '\\';
        // Bytes of UTF-8 stay as they are, which TOML allows in a basic string; controls it does not.
        if (byte >= 0x20 && byte != 0x7F) {
            out += c;
            continue;
        }
        // By its number, which TOML and JSON read alike.
        out += "\\u00";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out + "\"";
}

std::string toml_number(double number) {
    std::array<char, 64> text{};
    const auto [end, ec] = std::to_chars(text.data(), text.data() + text.size(), number);
    std::string out(text.data(), ec == std::errc{} ? end : text.data());
    if (out.find_first_of(".en") == std::string::npos) out += ".0";  // "inf" and "nan" have an n
    return out;
}

}  // namespace batchd::config
