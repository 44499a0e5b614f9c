#pragma once

#include <cstdint>
#include <optional>

#include "money/cost.hpp"

namespace batchd::money {

/// Tokens that are expected, of all requests together.
struct ExpectedTokens {
    std::uint64_t input = 0;
    std::uint64_t output = 0;
};

/// What the answers of a queue have taught about its requests: how many tokens the provider counts for one
/// that we estimated (a quarter of the body's bytes), in and out.
///
/// It is three sums and their ratios. Before there is any answer it expects what estimates say, and as much
/// output as input; that belief weighs as much as 10,000 tokens, so that one odd answer does not turn it and
/// a few dozen do. When the sums pass 100 million tokens all are halved: what was long ago fades.
class TokenHistory {
public:
    /// Of requests that were answered: what we had estimated, and what the provider counted.
    void add(std::uint64_t estimated_input, std::uint64_t input, std::uint64_t output);

    /// Rounded up: an estimate is there to keep a budget.
    ExpectedTokens expect(std::uint64_t estimated_input) const;

private:
    static constexpr std::uint64_t kBelief = 10'000;

    std::uint64_t estimated_ = kBelief;
    std::uint64_t input_ = kBelief;
    std::uint64_t output_ = kBelief;
};

/// What `requests` requests with these tokens together would cost, without any help of a cache. Prices for
/// long requests count where the average one is long. Nothing where the price is unknown.
std::optional<NanoDollars> estimate_cost(const ExpectedTokens& tokens, std::uint64_t requests,
                                         const ModelPrice& price, Tier tier, bool halves);

}  // namespace batchd::money
