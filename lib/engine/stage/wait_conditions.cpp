#include "engine/stage/wait_conditions.hpp"

#include <algorithm>

namespace batchd::engine {

namespace {

constexpr std::size_t kReasonsMax = 20;  // each row may have one of its own, as where errors bear an id

}  // namespace

std::vector<store::Condition> conditions_of(const RowWord& word, const Waits& waits, TimePoint now,
                                            Millis uptime) {
    std::vector<const Waits::value_type*> most;
    for (const auto& wait : waits) most.push_back(&wait);
    const auto shown = static_cast<std::ptrdiff_t>(std::min(most.size(), kReasonsMax));
    std::partial_sort(most.begin(), most.begin() + shown, most.end(), [](const auto* a, const auto* b) {
        return a->second.rows.size() > b->second.rows.size();
    });
    std::vector<store::Condition> conditions;
    for (auto entry = most.begin(); entry != most.begin() + shown; ++entry) {
        const auto& [why, wait] = **entry;
        // Ids rise with time, so that the first is the oldest.
        const std::int64_t oldest = *wait.rows.begin();
        if (word.is_told && word.is_told(oldest)) continue;
        store::Condition condition;
        condition.kind = "waiting";
        condition.about = std::string(word.one) + " " + std::to_string(oldest);
        condition.text = why;
        if (wait.rows.size() > 1)
            condition.text += " (" + count_of(wait.rows.size(), word.one, word.many) + ")";
        condition.job = word.job_of(oldest);
        // The wait is measured by a clock that nobody sets, and shown by the one on the wall.
        condition.since = now - (uptime - wait.since);
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

}  // namespace batchd::engine
