#include "money/price/price_table.hpp"

#include <array>

#include "base/text/edit_distance.hpp"

namespace batchd::money {
namespace {

/// The key that was probably meant, for the keys that people use most.
std::string nearest_key(std::string_view wrong) {
    constexpr std::array<std::string_view, 6> kUsual{
        "input_cost_per_token",          "output_cost_per_token",
        "cache_read_input_token_cost",   "input_cost_per_token_batches",
        "output_cost_per_token_batches", "cache_read_input_token_cost_batches"};
    std::string_view best = kUsual.front();
    for (const std::string_view key : kUsual)
        if (edit_distance(wrong, key) < edit_distance(wrong, best)) best = key;
    return std::string(best);
}

Result<ModelPrice> own_price(const std::map<std::string, std::string>& prices) {
    ModelPrice model;
    for (const auto& [name, number] : prices) {
        const auto key = parse_price_key(name);
        // In somebody's own table a wrong key is a mistake; in LiteLLM's file it is one of many that are of
        // no interest.
        if (!key)
            return error(Errc::bad_input, name + " is no price; did you mean " + nearest_key(name) + '?');
        const auto price = parse_token_price(number);
        if (!price) return within(name + " is " + number, price.error());
        model.set(*key, *price);
    }
    return model;
}

}  // namespace

Result<PriceTable> own_prices(const std::map<std::string, std::map<std::string, std::string>>& models) {
    PriceTable table;
    for (const auto& [name, prices] : models) {
        auto model = own_price(prices);
        if (!model) return within(name, model.error());
        table.emplace(name, std::move(*model));
    }
    return table;
}

}  // namespace batchd::money
