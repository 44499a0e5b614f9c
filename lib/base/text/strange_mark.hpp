#pragma once

#include <string_view>

namespace batchd {

/// A character that is not seen, or that is taken for a blank, and is none in JSON.
struct StrangeMark {
    std::string_view bytes;  ///< in UTF-8
    std::string_view name;   ///< "U+FEFF, a byte order mark"
};

/// The one that `text` begins with, or nullptr.
const StrangeMark* strange_mark(std::string_view text);

}  // namespace batchd
