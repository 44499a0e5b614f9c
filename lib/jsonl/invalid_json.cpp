#include "jsonl/invalid_json.hpp"

#include <algorithm>
#include <optional>

#include <simdjson.h>
#include <boost/json/stream_parser.hpp>

#include "base/text/characters.hpp"
#include "base/text/strange_mark.hpp"
#include "jsonl/quote.hpp"

namespace batchd::jsonl {
namespace {

constexpr std::size_t kDepthMax = 1024;  // simdjson's
constexpr std::size_t kLocateMax =
    4 * 1024 * 1024;  // the parser that knows positions needs many times the text

/// Length of the longest prefix of `text` that is valid UTF-8.
std::size_t valid_prefix(std::string_view text) {
    std::size_t good = 0;
    // In steps that are halved where they fail: a line may have hundreds of megabytes, and one bad byte.
    for (std::size_t step = 64 * 1024; step > 0;) {
        std::size_t to = std::min(good + step, text.size());
        while (to < text.size() && to > good && !begins_character(text[to])) --to;
        if (to > good && simdjson::validate_utf8(text.data() + good, to - good)) {
            good = to;
            if (good == text.size()) break;
        } else {
            step /= 2;
        }
    }
    // Steps below a character's length find nothing inside one: take what is left of it, byte by byte.
    for (std::size_t length = 4; length > 0; --length)
        if (good + length <= text.size() && simdjson::validate_utf8(text.data() + good, length))
            return good + length;
    return good;
}

/// Where the JSON in `text` breaks; nothing where that is not known.
std::optional<std::size_t> find_error(std::string_view text) {
    if (text.size() > kLocateMax) return std::nullopt;
    boost::json::parse_options options;
    // The same as simdjson's, so that this parser does not stop at what the other one takes.
    options.max_depth = kDepthMax;
    boost::json::stream_parser parser({}, options);
    boost::json::error_code ec;
    const std::size_t used = parser.write_some(text.data(), text.size(), ec);
    if (!ec && used == text.size()) parser.finish(ec);
    if (!ec && used == text.size())
        return std::nullopt;  // it sees nothing wrong: a number that does not fit, mostly
    return used;
}

/// What Python and JavaScript write for numbers that JSON has no word for.
bool is_no_number(std::string_view rest) {
    if (rest.starts_with('-')) rest.remove_prefix(1);
    return rest.starts_with("NaN") || rest.starts_with("Infinity");
}

/// The NULs of its ASCII characters, at the first key: `{`, NUL, `"`, NUL, whichever end comes first.
bool is_utf16(std::string_view text) {
    const std::size_t brace = text.find('{');
    if (brace == std::string_view::npos || brace + 3 >= text.size()) return false;
    return text[brace + 1] == '\0' && text[brace + 2] != '\0' && text[brace + 3] == '\0';
}

/// What is known by its first bytes where JSON breaks, and what to do about it; else "".
std::string stands_there(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    if (const StrangeMark* const mark = strange_mark(rest)) {
        std::string what = std::string(mark->name) + ", stands there, which is none of JSON's blanks";
        // Within a line the same bytes may be part of texts, which are to stay as they are.
        if (at > 0) return what + ": take it out";
        return what + ": grep -ao '{.*}' FILE > NEW.jsonl leaves out what is before an object";
    }
    if (at == 0 &&
        (rest.starts_with("<<<<<<< ") || rest.starts_with("=======") || rest.starts_with(">>>>>>> ")))
        return "it marks a conflict of Git, which is to be solved first";
    return {};
}

}  // namespace

std::string why_invalid(std::string_view text, std::string_view stand_in, std::string_view complaint) {
    // Before UTF-8: with other letters than those of ASCII it would not be valid as that either.
    if (is_utf16(text))
        return "the line is text in UTF-16, as PowerShell's >> writes it: the file must be UTF-8 all through";
    if (!simdjson::validate_utf8(text.data(), text.size()))
        return "not valid UTF-8 at byte " + std::to_string(valid_prefix(text) + 1) +
               ": the file must be UTF-8 all through";
    std::string what = "not valid JSON";
    if (const auto at = find_error(stand_in.empty() ? text : stand_in)) {
        what += " at byte " + std::to_string(*at + 1);
        if (*at < text.size()) what += ", near " + excerpt(text.substr(*at, 40));
        if (*at >= text.size()) what += ", where the line ends";
        if (*at < text.size() && is_no_number(text.substr(*at)))
            return what + ": JSON has neither NaN nor Infinity; write null, or leave the key out";
        if (const std::string known = stands_there(text, std::min(*at, text.size())); !known.empty())
            return what + ": " + known;
    }
    return what + " (" + std::string(complaint) + "): a line must be one JSON object";
}

}  // namespace batchd::jsonl
