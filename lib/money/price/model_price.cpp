#include "money/price/model_price.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace batchd::money {
namespace {

/// Parts of the input or of the output, for which the general rate stands in where they have none of their
/// own.
bool has_own_part(TokenKind kind) {
    return kind == TokenKind::cached || kind == TokenKind::cache_write || kind == TokenKind::reasoning;
}

/// The highest limit that the input exceeds, of those that the model has for `tier` or, since these hold for
/// all, for the standard tier.
std::uint64_t limit_exceeded(const ModelPrice& price, Tier tier, std::uint64_t input_tokens) {
    std::uint64_t limit = 0;
    for (const auto& [key, value] : price.entries())
        if ((key.tier == tier || key.tier == Tier::standard) && key.above_tokens < input_tokens)
            limit = std::max(limit, key.above_tokens);
    return limit;
}

bool has_prices_of(const ModelPrice& price, Tier tier) {
    const auto& entries = price.entries();
    return std::any_of(entries.begin(), entries.end(),
                       [tier](const auto& entry) { return entry.key.tier == tier; });
}

/// One rate after the other of the same request.
class RateFinder {
public:
    RateFinder(const ModelPrice& price, Tier tier, bool halves, std::uint64_t input_tokens)
        : price_(price),
          tier_(tier),
          above_(limit_exceeded(price, tier, input_tokens)),
          halves_(tier == Tier::batch && halves && price.may_halve),
          halves_parts_(halves_ && !has_prices_of(price, tier)) {}

    std::optional<ExactDollars> rate(TokenKind kind) const {
        // What the table says itself goes before any rule.
        if (const auto own = price_.at({kind, tier_, above_})) return own;
        if (!(has_own_part(kind) ? halves_parts_ : halves_)) return std::nullopt;
        const auto standard = price_.at({kind, Tier::standard, above_});
        if (!standard) return std::nullopt;
        return standard->half();
    }

private:
    const ModelPrice& price_;
    Tier tier_;
    std::uint64_t above_;
    bool halves_;
    bool halves_parts_;
};

}  // namespace

Result<ExactDollars> parse_token_price(std::string_view number) {
    static const ExactDollars most = ExactDollars::parse(kTokenPriceMax).value();
    const auto price = ExactDollars::parse(number);
    if (!price) return price.error();
    if (*price > most)
        return error(Errc::bad_input, "a price is dollars for one token, and none costs more than " +
                                          std::string(kTokenPriceMax));
    return *price;
}

void ModelPrice::set(const PriceKey& key, ExactDollars price) {
    const auto at =
        std::lower_bound(entries_.begin(), entries_.end(), key,
                         [](const Entry& entry, const PriceKey& wanted) { return entry.key < wanted; });
    // The last one counts, as in any JSON object with a key twice.
    if (at != entries_.end() && at->key == key)
        at->price = price;
    else
        entries_.insert(at, Entry{key, price});
}

std::optional<ExactDollars> ModelPrice::at(const PriceKey& key) const {
    for (const Entry& entry : entries_)
        if (entry.key == key) return entry.price;
    return std::nullopt;
}

Rates rates_of(const ModelPrice& price, Tier tier, bool halves, std::uint64_t input_tokens) {
    const RateFinder find(price, tier, halves, input_tokens);
    return {find.rate(TokenKind::input), find.rate(TokenKind::cached), find.rate(TokenKind::cache_write),
            find.rate(TokenKind::output), find.rate(TokenKind::reasoning)};
}

std::string to_json(std::string_view name, Tier tier, const Rates& rates) {
    boost::json::object object{{"model", name}, {"tier", to_text(tier)}};
    const auto add = [&object](std::string_view key, const std::optional<ExactDollars>& rate) {
        if (rate) object[key] = rate->text();
    };
    add("input", rates.input);
    add("cached", rates.cached);
    add("cache_write", rates.cache_write);
    add("output", rates.output);
    add("reasoning", rates.reasoning);
    return boost::json::serialize(object);
}

}  // namespace batchd::money
