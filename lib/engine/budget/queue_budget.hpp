#pragma once

#include <optional>
#include <string>

#include "config/settings.hpp"
#include "money/budget/budget.hpp"

namespace batchd::engine {

/// What the queue may spend; nothing: as much as it likes.
std::optional<money::Budget> budget_of(const config::Settings& settings, const std::string& queue);

}  // namespace batchd::engine
