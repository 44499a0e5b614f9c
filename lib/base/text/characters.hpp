#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace batchd {

/// False for a byte that goes on with a character of UTF-8: before it a text must not be cut.
constexpr bool begins_character(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

/// Characters of valid UTF-8, not bytes: what the providers' limits count.
inline std::size_t count_characters(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

}  // namespace batchd
