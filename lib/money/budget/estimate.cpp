#include "money/budget/estimate.hpp"

#include <algorithm>
#include <limits>

namespace batchd::money {
namespace {

// Enough to be steady, and soon overtaken by what has changed.
constexpr std::uint64_t kMemoryTokens = 100'000'000;
// What no job has, and what keeps the sums far from their end.
constexpr std::uint64_t kTokensMax = 1'000'000'000'000'000;

__extension__ typedef unsigned __int128 Wide;

/// Rounded up, for an estimate that is a little too high holds a batch back, and one that is too
/// low spends what nobody allowed.
std::uint64_t scaled_up(std::uint64_t number, std::uint64_t numerator, std::uint64_t denominator) {
    const Wide scaled = (static_cast<Wide>(number) * numerator + denominator - 1) / denominator;
    return static_cast<std::uint64_t>(std::min<Wide>(scaled, std::numeric_limits<std::uint64_t>::max()));
}

}  // namespace

void TokenHistory::add(std::uint64_t estimated_input, std::uint64_t input, std::uint64_t output) {
    // Nothing was estimated, so that nothing can be learned of how far estimates are off.
    if (estimated_input == 0) return;
    estimated_ += std::min(estimated_input, kTokensMax);
    input_ += std::min(input, kTokensMax);
    output_ += std::min(output, kTokensMax);
    // Halved, so that what came long ago counts less and less: a prompt that grew last week is what matters
    // now.
    while (estimated_ > kMemoryTokens) {
        estimated_ /= 2;
        input_ /= 2;
        output_ /= 2;
    }
}

ExpectedTokens TokenHistory::expect(std::uint64_t estimated_input) const {
    return {scaled_up(estimated_input, input_, estimated_), scaled_up(estimated_input, output_, estimated_)};
}

std::optional<NanoDollars> estimate_cost(const ExpectedTokens& tokens, std::uint64_t requests,
                                         const ModelPrice& price, Tier tier, bool halves) {
    // Some models cost more above a length of context. The lengths of single requests are not known here,
    // and the average is the best guess.
    const std::uint64_t average_input = requests == 0 ? tokens.input : tokens.input / requests;
    const auto cost = cost_of({.input = tokens.input, .output = tokens.output},
                              rates_of(price, tier, halves, average_input));
    if (!cost) return std::nullopt;
    return cost->rounded();
}

}  // namespace batchd::money
