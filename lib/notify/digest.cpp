#include "notify/digest.hpp"

#include "notify/words.hpp"

namespace batchd::notify {
namespace {

// Two or three lines of a chat, so that one long reason does not push out the rest.
constexpr std::size_t kLineMax = 300;

std::string and_more(std::size_t count) {
    return "\n… and " + std::to_string(count) + " more";
}

}  // namespace

std::string digest(std::span<const store::Notice> notices, std::size_t size_max, Measure measure) {
    if (notices.size() == 1) {
        std::string line = line_of(notices.front(), size_max);
        // A text has at most as many characters as bytes, but a service may count what stands for one as
        // several.
        for (std::size_t bytes = size_max; measure(line) > size_max; bytes = bytes * 3 / 4)
            line = line_of(notices.front(), bytes);
        return line;
    }
    std::string text = std::to_string(notices.size()) + " notices from batchd:";
    for (std::size_t i = 0; i < notices.size(); ++i) {
        const std::string line = "\n" + line_of(notices[i], kLineMax);
        const std::size_t left = notices.size() - i;
        // Room is kept for saying how many are left out, unless this is the last.
        const std::string rest = left > 1 ? and_more(left - 1) : "";
        if (measure(text + line + rest) > size_max) return text + and_more(left);
        text += line;
    }
    return text;
}

}  // namespace batchd::notify
