#include "report/money_text.hpp"

#include "base/units.hpp"

namespace batchd::report {
namespace {

constexpr std::int64_t kNano = 1'000'000'000;

/// How many decimal places show three digits of it, two at least.
int places_for(std::int64_t amount) {
    int places = 2;
    // A request may cost a thousandth of a cent, and "0.00" would say that it was free.
    for (std::int64_t shown = kNano; amount < shown && places < 9; shown /= 10) ++places;
    return places;
}

}  // namespace

std::string money_text(const std::optional<std::int64_t>& nano_dollars) {
    if (!nano_dollars) return "?";
    const std::int64_t size = *nano_dollars < 0 ? -*nano_dollars : *nano_dollars;
    if (size == 0) return "0.00";
    const int places = places_for(size);
    std::int64_t unit = kNano;
    for (int i = 0; i < places; ++i) unit /= 10;
    const std::int64_t rounded = (size + unit / 2) / unit * unit;
    std::string fraction = std::to_string(rounded % kNano + kNano).substr(1);
    fraction.resize(static_cast<std::size_t>(places));
    return (*nano_dollars < 0 ? "-" : "") + with_commas(static_cast<std::uint64_t>(rounded / kNano)) + "." +
           fraction;
}

std::optional<std::int64_t> saved(const store::Spent& spent) {
    // With only one of the two, nothing is known of a difference.
    if (!spent.cost || !spent.cost_sync) return std::nullopt;
    return *spent.cost_sync - *spent.cost;
}

std::string spent_words(const store::Spent& spent) {
    std::string words;
    const auto less = saved(spent);
    if (spent.cost && less && *spent.cost_sync > 0) {
        words = money_text(spent.cost) + " USD";
        if (*less > 0) words += ", " + money_text(less) + " less than at the standard price";
    }
    if (spent.unpriced == 0) return words;
    return words + (words.empty() ? "" : "; ") + count_of(spent.unpriced, "answer", "answers") +
           " could not be priced";
}

}  // namespace batchd::report
