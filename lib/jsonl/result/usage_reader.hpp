#pragma once

#include <optional>
#include <string_view>

#include <simdjson.h>

#include "money/usage.hpp"

namespace batchd::jsonl {

/// Reads the object `usage` of an answer, as Chat Completions, Responses, Embeddings and Messages have it,
/// and others after them. `usage` is set where it says anything; `service_tier` where it has one, as that of
/// Messages does. For the sources of this folder.
simdjson::error_code read_usage(simdjson::ondemand::value value, std::optional<money::Usage>& usage,
                                std::string_view& service_tier);

}  // namespace batchd::jsonl
