#include "money/price/price_book.hpp"

#include <algorithm>
#include <array>

#include "money/price/model_names.hpp"

namespace batchd::money {

Seller seller_of_kind(std::string_view kind) {
    if (kind == "openai") return {"openai/", true};
    if (kind == "azure") return {"azure/", true};
    if (kind == "mistral") return {"mistral/", true};
    if (kind == "gemini") return {"gemini/", true};
    if (kind == "anthropic") return {"anthropic/", true};
    // Of a kind without batches nothing is halved, and a name has no prefix.
    return {};
}

bool may_halve(std::string_view litellm_provider) {
    constexpr std::array<std::string_view, 8> kHalving{
        "", "openai", "text-completion-openai", "azure", "azure_text", "mistral", "gemini", "anthropic"};
    return std::find(kHalving.begin(), kHalving.end(), litellm_provider) != kHalving.end();
}

FoundPrice PriceBook::find(std::string_view model, std::string_view prefix) const {
    const auto names = names_in_tables(model, prefix);
    // Table by table and not name by name: what people wrote themselves counts, even where another table has
    // the name more exactly.
    for (const PriceTable* table : {&own, &file, &shipped})
        for (const std::string& name : names)
            if (const auto found = table->find(name); found != table->end())
                return {found->first, &found->second};
    return {};
}

}  // namespace batchd::money
