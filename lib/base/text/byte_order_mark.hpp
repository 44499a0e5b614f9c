#pragma once

#include <string_view>

namespace batchd {

/// What some programs write before a text in UTF-8. It is no part of it.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

inline bool has_byte_order_mark(std::string_view text) {
    return text.starts_with(kByteOrderMark);
}

inline std::string_view without_byte_order_mark(std::string_view text) {
    return has_byte_order_mark(text) ? text.substr(kByteOrderMark.size()) : text;
}

}  // namespace batchd
