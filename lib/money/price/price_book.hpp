#pragma once

#include <string>
#include <string_view>

#include "money/price/price_table.hpp"

namespace batchd::money {

/// What the kind of a provider says about its prices.
struct Seller {
    std::string_view prefix;  ///< before the names of its models in price tables: "azure/"
    bool halves = false;      ///< its batches cost half of the standard price, where a table does not say
};

/// By the kind of the configuration ("openai", "azure", "mistral", "gemini", "anthropic": each takes half for
/// batches). Any other kind has no prefix, and its batch prices are known only where a table has them.
Seller seller_of_kind(std::string_view kind);

/// True where models that a table sells as `litellm_provider` may be taken to cost half in batches. Others
/// take other shares (0.6, 0.75, 0.8), so theirs is unknown without a price of its own. An empty word says
/// nothing against it.
bool may_halve(std::string_view litellm_provider);

/// A model's price and the name under which a table has it.
struct FoundPrice {
    std::string name;
    const ModelPrice* price = nullptr;  ///< nullptr: nobody knows the model
};

/// The tables that are in force: whoever is nearer to the operator is asked first, under each of the names
/// that names_in_tables() says. The tables must outlive what was found.
struct PriceBook {
    PriceTable own;      ///< of the configuration
    PriceTable file;     ///< of prices.file
    PriceTable shipped;  ///< of config/prices.json

    FoundPrice find(std::string_view model, std::string_view prefix) const;
};

}  // namespace batchd::money
