#include "money/price/tier.hpp"

#include <algorithm>
#include <array>

namespace batchd::money {

std::string_view to_text(Tier tier) {
    switch (tier) {
        case Tier::standard:
            return "standard";
        case Tier::batch:
            return "batch";
        case Tier::flex:
            return "flex";
        case Tier::priority:
            return "priority";
    }
    return "";
}

std::optional<Tier> tier_of_answer(std::string_view service_tier, Tier asked_for) {
    // Words with which an answer says no more than that it was served as asked.
    constexpr std::array<std::string_view, 5> kNothingElse{"", "auto", "default", "standard", "on_demand"};
    if (std::find(kNothingElse.begin(), kNothingElse.end(), service_tier) != kNothingElse.end())
        return asked_for;
    for (const Tier tier : {Tier::batch, Tier::flex, Tier::priority})
        if (service_tier == to_text(tier)) return tier;
    // A tier that nobody has heard of has a price that nobody knows.
    return std::nullopt;
}

}  // namespace batchd::money
