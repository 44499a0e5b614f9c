#pragma once

#include <optional>
#include <string_view>

namespace batchd::money {

/// How urgently a request was answered, which decides what it costs.
enum class Tier { standard, batch, flex, priority };

/// "standard", "batch", "flex", "priority".
std::string_view to_text(Tier tier);

/// By which tier an answer is charged: what the answer itself says (`service_tier`), and where it says
/// nothing else
/// ("", "auto", "default", "standard", "on_demand") how it was asked for: `Tier::batch` or `Tier::standard`.
/// Nothing for a word that nobody here knows: such an answer has no known price.
std::optional<Tier> tier_of_answer(std::string_view service_tier, Tier asked_for);

}  // namespace batchd::money
