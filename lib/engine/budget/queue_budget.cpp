#include "engine/budget/queue_budget.hpp"

namespace batchd::engine {

std::optional<money::Budget> budget_of(const config::Settings& settings, const std::string& queue) {
    const auto found = settings.queues.find(queue);
    if (found == settings.queues.end() || found->second.budget.empty()) return std::nullopt;
    // The configuration was checked when it was read.
    const auto budget = money::parse_budget(found->second.budget);
    return budget ? std::optional(*budget) : std::nullopt;
}

}  // namespace batchd::engine
