#include "money/cost.hpp"

namespace batchd::money {
namespace {

using Rate = std::optional<ExactDollars>;

/// A sum that is nothing as soon as one of its terms is.
class Sum {
public:
    void add(std::uint64_t tokens, const Rate& rate) {
        if (tokens == 0 || !sum_) return;
        const Rate product = rate ? rate->times(tokens) : std::nullopt;
        sum_ = product ? sum_->plus(*product) : std::nullopt;
    }
    const Rate& value() const { return sum_; }

private:
    Rate sum_ = ExactDollars();
};

const Rate& either(const Rate& own, const Rate& of_the_whole) {
    // Where no special rate is known the general one holds, as the providers have it.
    return own ? own : of_the_whole;
}

bool contradicts_itself(const Usage& usage) {
    return usage.cached > usage.input || usage.cache_write > usage.input - usage.cached ||
           usage.reasoning > usage.output;
}

}  // namespace

std::optional<ExactDollars> cost_of(const Usage& usage, const Rates& rates) {
    // No cost is better than one of numbers of which at least one is wrong.
    if (contradicts_itself(usage)) return std::nullopt;
    // Sound costs many times what text does, and has no rate here: a cost by that of text would be too low
    // without a word.
    if (usage.otherwise > 0) return std::nullopt;
    Sum sum;
    // The parts are within the wholes, so that each token is charged once.
    sum.add(usage.input - usage.cached - usage.cache_write, rates.input);
    sum.add(usage.cached, either(rates.cached, rates.input));
    sum.add(usage.cache_write, either(rates.cache_write, rates.input));
    sum.add(usage.output - usage.reasoning, rates.output);
    sum.add(usage.reasoning, either(rates.reasoning, rates.output));
    return sum.value();
}

std::optional<Cost> price_answer(const Usage& usage, const ModelPrice& price, Tier tier, bool halves) {
    const auto paid = cost_of(usage, rates_of(price, tier, halves, usage.input));
    if (!paid) return std::nullopt;
    return Cost{*paid, cost_of(usage, rates_of(price, Tier::standard, halves, usage.input))};
}

void Bill::add(const std::optional<Cost>& cost) {
    const auto new_paid = cost ? paid.plus(cost->paid) : std::nullopt;
    // Without a rate to compare with, nothing is claimed to be saved.
    const auto new_standard = cost ? standard.plus(cost->standard.value_or(cost->paid)) : std::nullopt;
    if (!new_paid || !new_standard) {
        ++unpriced;
        return;
    }
    paid = *new_paid;
    standard = *new_standard;
    ++priced;
}

NanoDollars Bill::saved() const {
    // Both are at least nothing and below 1.8e17, so their difference always fits.
    return NanoDollars(standard.rounded().count() - paid.rounded().count());
}

}  // namespace batchd::money
