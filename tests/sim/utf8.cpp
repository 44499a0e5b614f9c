#include "sim/utf8.hpp"

#include <cstring>

namespace batchd::sim {
namespace {

bool eight_are_ascii(const char* at) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return (word & 0x8080808080808080U) == 0;
}

}  // namespace

void Utf8Check::feed(std::string_view bytes) {
    std::size_t i = 0;
    while (valid_ && i < bytes.size()) {
        if (pending_ == 0)
            while (i + 8 <= bytes.size() && eight_are_ascii(bytes.data() + i)) i += 8;
        if (i < bytes.size()) take(static_cast<unsigned char>(bytes[i++]));
    }
}

void Utf8Check::take(unsigned char byte) {
    if (pending_ > 0) {
        valid_ = byte >= low_ && byte <= high_;
        --pending_;
        low_ = 0x80, high_ = 0xbf;
        return;
    }
    if (byte < 0x80) return;
    if (byte >= 0xc2 && byte <= 0xdf)
        pending_ = 1;
    else if (byte >= 0xe0 && byte <= 0xef)
        pending_ = 2;
    else if (byte >= 0xf0 && byte <= 0xf4)
        pending_ = 3;
    else
        valid_ = false;
    // Overlong forms, surrogates and what lies above U+10FFFF show in the second byte.
    if (byte == 0xe0) low_ = 0xa0;
    if (byte == 0xed) high_ = 0x9f;
    if (byte == 0xf0) low_ = 0x90;
    if (byte == 0xf4) high_ = 0x8f;
}

std::string_view utf8_prefix(std::string_view text, std::size_t size_max) {
    if (text.size() <= size_max) return text;
    std::size_t end = size_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
    return text.substr(0, end);
}

}  // namespace batchd::sim
