#pragma once

#include <string>
#include <string_view>

namespace batchd::jsonl {

/// A sentence on a text that simdjson refused: "not valid JSON at byte 118, near …" or "not valid UTF-8 at
/// byte 12". Bytes count from 1. `complaint` is what simdjson said. `stand_in` is what stood for the text
/// when it was read (see json_stand_in.hpp), or empty.
std::string why_invalid(std::string_view text, std::string_view stand_in, std::string_view complaint);

}  // namespace batchd::jsonl
