#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchd::jsonl {

/// The id that stands in a line which is no JSON (cut, with a raw control character …): what follows the
/// first
/// `"custom_id"`, a string or a number. Nothing when there is none that can be read to its end.
std::optional<std::string> custom_id_in_broken(std::string_view line);

}  // namespace batchd::jsonl
