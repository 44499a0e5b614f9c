#pragma once

#include <string_view>

#include "jsonl/request/kind/head_text.hpp"

namespace batchd::jsonl {

/// What a walk through the first value of a text finds outside of its strings. Private to the library.
struct Shape {
    std::size_t end = kNotThere;  ///< behind the value, where it ends
    bool breaks = false;          ///< a line end inside it
    bool comment = false;
    bool python_word = false;   ///< True, False or None
    bool odd = false;           ///< another word without quotes, or single quotes
    bool comma_at_end = false;  ///< before a closing bracket
};

/// `text` begins with "{" or "["; it may be no JSON.
Shape shape_of(std::string_view text);

}  // namespace batchd::jsonl
