#pragma once

#include <string>
#include <string_view>

namespace batchd::jsonl {

/// The beginning of somebody's value, for a message: at most 80 bytes of it, made printable, and "…" where it
/// was cut. Blanks and marks that can't be told from others (see base/text/strange_mark.hpp) are shown by
/// their bytes.
std::string excerpt(std::string_view bytes);

/// `text`, which is valid UTF-8, as a JSON string with its quotes. Bytes that are no UTF-8 must have been
/// made printable before.
std::string json_string(std::string_view text);

}  // namespace batchd::jsonl
