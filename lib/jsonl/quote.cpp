#include "jsonl/quote.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "base/log.hpp"
#include "base/text/characters.hpp"

namespace batchd::jsonl {

std::string excerpt(std::string_view bytes) {
    // Enough to find the place again, and a message stays a line.
    constexpr std::size_t kMax = 80;
    if (bytes.size() <= kMax) return printable(bytes);
    std::size_t cut = kMax;
    // Not in the middle of a character: it would be shown as broken bytes.
    while (cut > kMax - 4 && !begins_character(bytes[cut])) --cut;
    // Printable after the cut: what stands for one byte may be four characters long.
    return printable(bytes.substr(0, cut)) + "…";
}

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string(text));
}

}  // namespace batchd::jsonl
