#include "jsonl/request/broken_line.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace batchd::jsonl {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

/// From the opening quote at the start of `text` to behind the closing one; "" where there is none.
std::string_view string_token(std::string_view text) {
    for (std::size_t at = 1; at < text.size(); ++at) {
        // What is behind a backslash does not end the string.
        if (text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            return text.substr(0, at + 1);
    }
    return {};
}

std::optional<std::string> string_value(std::string_view token) {
    if (token.empty()) return std::nullopt;
    boost::json::error_code ec;
    const boost::json::value value = boost::json::parse({token.data(), token.size()}, ec);
    if (!ec && value.is_string()) return std::string(value.get_string());
    // The fault may be in the id itself; then it is compared as it stands there.
    return std::string(token.substr(1, token.size() - 2));
}

}  // namespace

std::optional<std::string> custom_id_in_broken(std::string_view line) {
    constexpr std::string_view kKey = "\"custom_id\"";
    // The first one: in the lines that providers write the id comes before the answer, in which the same
    // word may stand.
    const std::size_t key = line.find(kKey);
    if (key == std::string_view::npos) return std::nullopt;
    std::string_view rest = without_blanks(line.substr(key + kKey.size()));
    if (!rest.starts_with(':')) return std::nullopt;
    rest = without_blanks(rest.substr(1));
    if (rest.starts_with('"')) return string_value(string_token(rest));
    // A number that the line's end cuts off may have been longer.
    const std::size_t end = rest.find_first_not_of("0123456789");
    if (end == 0 || end == std::string_view::npos) return std::nullopt;
    return std::string(rest.substr(0, end));
}

}  // namespace batchd::jsonl
