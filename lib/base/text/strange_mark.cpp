#include "base/text/strange_mark.hpp"

#include <algorithm>
#include <array>

namespace batchd {
namespace {

// What joins the letters of some scripts (U+200C, U+200D) is not among them: it belongs to their words.
constexpr std::array kMarks{
    StrangeMark{"\xEF\xBB\xBF", "U+FEFF, a byte order mark"},
    StrangeMark{"\xC2\xA0", "U+00A0, a no-break space"},
    StrangeMark{"\xE2\x80\x8B", "U+200B, a space without width"},
    StrangeMark{"\xE2\x80\xA8", "U+2028, a line separator"},
    StrangeMark{"\xE2\x80\xA9", "U+2029, a paragraph separator"},
};

}  // namespace

const StrangeMark* strange_mark(std::string_view text) {
    const auto* const found = std::find_if(
        kMarks.begin(), kMarks.end(), [&](const StrangeMark& mark) { return text.starts_with(mark.bytes); });
    return found == kMarks.end() ? nullptr : found;
}

}  // namespace batchd
