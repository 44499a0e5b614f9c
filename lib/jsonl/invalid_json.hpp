#pragma once

#include <string>
#include <string_view>

namespace batchd::jsonl {

/// A sentence on a text that simdjson refused: "not valid JSON at byte 118, near …" or "not valid UTF-8 at
/// byte 12". Bytes count from 1. `complaint` is what simdjson said.
std::string why_invalid(std::string_view text, std::string_view complaint);

}  // namespace batchd::jsonl
