#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace batchd::provider {

/// The number at the start of `text`, as it stands in messages for people: "30000", "2,000,000", "30K",
/// "1.5M", "2 million"; nothing for zero, for what is too large and for what is no whole number.
std::optional<std::uint64_t> leading_number(std::string_view text);

/// The limit that a refusal for too many enqueued tokens names: "Limit: 2,000,000 enqueued tokens", "the
/// configured limit of 30K for the deployment", "limit of 1.5M"; nothing where it names none.
std::optional<std::uint64_t> named_token_limit(std::string_view message);

}  // namespace batchd::provider
