#pragma once

#include <algorithm>
#include <string_view>

namespace batchd {

/// True where `words`, which are in lower case, stand somewhere in `text`, in any case.
inline bool says(std::string_view text, std::string_view words) {
    const auto same = [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
    };
    return std::search(text.begin(), text.end(), words.begin(), words.end(), same) != text.end();
}

}  // namespace batchd
