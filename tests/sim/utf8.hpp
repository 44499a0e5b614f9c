#pragma once

#include <cstdint>
#include <string_view>

namespace batchd::sim {

/// Checks in pieces that a text is UTF-8. Source: RFC 3629.
class Utf8Check {
public:
    void feed(std::string_view bytes);
    /// False as soon as it can't be UTF-8 any more; after the last byte, also when a character is cut off.
    bool valid() const { return valid_ && pending_ == 0; }

private:
    void take(unsigned char byte);

    bool valid_ = true;
    unsigned pending_ = 0;                    ///< continuation bytes still to come
    unsigned char low_ = 0x80, high_ = 0xbf;  ///< range of the next one
};

/// The longest beginning of `text` of at most `size_max` bytes that cuts no character in two.
std::string_view utf8_prefix(std::string_view text, std::size_t size_max);

}  // namespace batchd::sim
