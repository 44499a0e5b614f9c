#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "money/budget/budget.hpp"
#include "money/budget/local_period.hpp"

namespace batchd::money {

/// What a budget has let through in its span so far.
struct BudgetUse {
    NanoDollars paid;      ///< by fact: what has its answers
    NanoDollars expected;  ///< by estimate: what was sent and has none yet
};

/// What becomes of something that wants to be sent.
enum class BudgetDecision {
    goes,
    waits,     ///< for the next day or month, or for money that was expected to be spent and was not
    beyond,    ///< alone more than the whole budget: a person lets it go, or raises the budget
    unpriced,  ///< nobody knows what it costs, so nobody knows whether it fits: a price or a person lets it
               ///< go
};

/// Decides, for what waits in a queue in its order, what fits into the budget. `estimates` has what each
/// would cost, none where that is unknown. Nothing goes before what waits: else small ones would keep a large
/// one waiting for ever. What is beyond or unpriced waits for a person, and holds up nobody.
std::vector<BudgetDecision> admit(const Budget& budget, const BudgetUse& spent,
                                  std::span<const std::optional<NanoDollars>> estimates);

/// The day or the month that a budget counts in; of a job's budget, the day.
Period period_of(BudgetSpan span, TimePoint now);

/// When money is to be had again by itself: at the end of the budget's day or month. None for a job's budget.
std::optional<TimePoint> next_money_at(BudgetSpan span, TimePoint now);

/// For people, after the name of what waits: "waits for money until 2026-11-28T00:00:00Z: about 20 USD are
/// needed, and 12.3 of 50 USD/day are left". Empty for what goes.
std::string why_it_waits(BudgetDecision decision, const Budget& budget, const BudgetUse& spent,
                         std::optional<NanoDollars> estimate, TimePoint now);

}  // namespace batchd::money
