#include "money/budget/admission.hpp"

#include <algorithm>

namespace batchd::money {
namespace {

/// What of the budget nobody has spent or is expected to; at least nothing.
NanoDollars left_of(const Budget& budget, const BudgetUse& spent) {
    const auto taken = plus(spent.paid, spent.expected);
    const auto left = taken ? minus(budget.limit, *taken) : std::nullopt;
    // A sum that does not fit any number has spent whatever limit there is.
    return std::max(left.value_or(NanoDollars(0)), NanoDollars(0));
}

// A cent is as near as an estimate comes; less than that is said as it is.
constexpr std::int64_t kCent = 10'000'000;

std::string about_left(NanoDollars amount) {
    if (amount.count() < kCent) return to_text(amount);
    return to_text(NanoDollars(amount.count() / kCent * kCent));
}

/// Upwards: rounded down, what is a little too much would read as if there were enough.
std::string about_needed(NanoDollars amount) {
    const std::int64_t beyond = amount.count() % kCent;
    if (amount.count() < kCent || beyond == 0) return to_text(amount);
    // The last cents of what fits any number are said as they are.
    const auto up = plus(amount, NanoDollars(kCent - beyond));
    return to_text(up.value_or(amount));
}

}  // namespace

std::vector<BudgetDecision> admit(const Budget& budget, const BudgetUse& spent,
                                  std::span<const std::optional<NanoDollars>> estimates) {
    std::vector<BudgetDecision> decisions;
    NanoDollars left = left_of(budget, spent);
    bool somebody_waits = false;
    for (const auto& estimate : estimates) {
        BudgetDecision decision = BudgetDecision::goes;
        // In the order of who has to do something about it: a price is missing, a person has to say yes, or
        // time has to pass.
        if (!estimate)
            decision = BudgetDecision::unpriced;
        else if (*estimate > budget.limit || (*estimate > left && budget.span == BudgetSpan::job))
            decision = BudgetDecision::beyond;
        else if (*estimate > left || somebody_waits)
            decision = BudgetDecision::waits;
        // What goes is spent from here on, so that two of them do not both take the same money.
        if (decision == BudgetDecision::goes) left = NanoDollars(left.count() - estimate->count());
        // What needs a person, or a price, holds nobody up: those behind it would wait for days for a
        // decision that is not about them.
        somebody_waits = somebody_waits || decision == BudgetDecision::waits;
        decisions.push_back(decision);
    }
    return decisions;
}

Period period_of(BudgetSpan span, TimePoint now) {
    return local_period(span == BudgetSpan::month ? PeriodKind::month : PeriodKind::day, now);
}

std::optional<TimePoint> next_money_at(BudgetSpan span, TimePoint now) {
    // A job's money comes with no day.
    if (span == BudgetSpan::job) return std::nullopt;
    return period_of(span, now).to;
}

std::string why_it_waits(BudgetDecision decision, const Budget& budget, const BudgetUse& spent,
                         std::optional<NanoDollars> estimate, TimePoint now) {
    const std::string needed = "about " + about_needed(estimate.value_or(NanoDollars(0))) + " USD are needed";
    const std::string left = about_left(left_of(budget, spent)) + " of " + to_text(budget) + " are left";
    const auto until = next_money_at(budget.span, now);
    switch (decision) {
        case BudgetDecision::goes:
            return {};
        case BudgetDecision::waits:
            return "waits for money" + (until ? " until " + to_utc_text(*until) : "") + ": " + needed +
                   ", and " + left;
        case BudgetDecision::beyond:
            return "waits for a person: " + needed + ", and " +
                   (budget.span == BudgetSpan::job ? left : "the whole budget is " + to_text(budget)) +
                   "; raise it, or release what waits with --over-budget";
        case BudgetDecision::unpriced:
            return "waits for a price: nobody knows what it costs, and the budget is " + to_text(budget) +
                   "; add the model to prices.file, or release what waits with --over-budget";
    }
    return {};
}

}  // namespace batchd::money
