#pragma once

#include <string>
#include <string_view>

/// What RFC 8259 allows and simdjson refuses: numbers that fit neither 64 bits nor a double, and the escape
/// of half a surrogate pair.
namespace batchd::jsonl {

/// `text` with each such number as 0 and spaces, and each such escape as that of U+FFFD: simdjson can read
/// it, and whatever is found in it stands at the same place in `text`, with the same length. Where `text` is
/// no valid JSON, this is none either. 64 readable bytes stand behind it.
std::string json_stand_in(std::string_view text);

/// The first escape of half a surrogate pair, such as `\ud83d`: a view of its six bytes, or an empty one.
std::string_view lone_surrogate(std::string_view text);

}  // namespace batchd::jsonl
