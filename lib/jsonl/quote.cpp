#include "jsonl/quote.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "base/log.hpp"
#include "base/text/characters.hpp"
#include "base/text/strange_mark.hpp"

namespace batchd::jsonl {
namespace {

/// As printable(), and what would not be seen is shown by its bytes, as what is no text is.
std::string visible(std::string_view bytes) {
    std::string text;
    std::size_t plain = 0;  // where that begins which is not yet in `text`
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        const StrangeMark* const mark = strange_mark(bytes.substr(at));
        if (mark == nullptr) continue;
        text += printable(bytes.substr(plain, at - plain));
        // One byte alone is no text, whatever it belongs to.
        for (const char& byte : mark->bytes) text += printable({&byte, 1});
        plain = at + mark->bytes.size();
        at = plain - 1;
    }
    return text + printable(bytes.substr(plain));
}

}  // namespace

std::string excerpt(std::string_view bytes) {
    // Enough to find the place again, and a message stays a line.
    constexpr std::size_t kMax = 80;
    if (bytes.size() <= kMax) return visible(bytes);
    std::size_t cut = kMax;
    // Not in the middle of a character: it would be shown as broken bytes.
    while (cut > kMax - 4 && !begins_character(bytes[cut])) --cut;
    // Printable after the cut: what stands for one byte may be four characters long.
    return visible(bytes.substr(0, cut)) + "…";
}

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string(text));
}

}  // namespace batchd::jsonl
