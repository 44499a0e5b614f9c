#include "money/price/model_names.hpp"

#include <algorithm>
#include <array>

namespace batchd::money {
namespace {

// As LiteLLM's table has them in front of a name.
constexpr std::array<std::string_view, 6> kPrefixes{"openai/", "azure/",     "mistral/",
                                                    "gemini/", "anthropic/", "text-completion-openai/"};

bool is_number(std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// "20260317": a day that a calendar may have.
bool is_date(std::string_view digits) {
    if (!is_number(digits)) return false;
    const std::string_view year = digits.substr(0, 4), month = digits.substr(4, 2), day = digits.substr(6, 2);
    return year >= "2000" && year <= "2199" && month >= "01" && month <= "12" && day >= "01" && day <= "31";
}

std::string_view without_date(std::string_view name) {
    constexpr std::size_t kPlain = 9, kDashed = 11;
    if (name.size() > kDashed) {
        const std::string_view end = name.substr(name.size() - kDashed);
        const std::string digits =
            std::string(end.substr(1, 4)) + std::string(end.substr(6, 2)) + std::string(end.substr(9));
        if (end[0] == '-' && end[5] == '-' && end[8] == '-' && is_date(digits))
            return name.substr(0, name.size() - kDashed);
    }
    if (name.size() > kPlain) {
        const std::string_view end = name.substr(name.size() - kPlain);
        if (end[0] == '-' && is_date(end.substr(1))) return name.substr(0, name.size() - kPlain);
    }
    return name;
}

std::string_view without_prefix(std::string_view name) {
    for (const std::string_view prefix : kPrefixes)
        if (name.starts_with(prefix)) return name.substr(prefix.size());
    return name;
}

/// A tuned model has its own name, "ft:MODEL:…", and the price is that of tuned ones of this model.
std::string_view without_tuning(std::string_view name) {
    constexpr std::string_view kTuned = "ft:";
    if (!name.starts_with(kTuned)) return name;
    return name.substr(0, name.find(':', kTuned.size()));
}

void add_once(std::vector<std::string>& names, std::string name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

}  // namespace

std::vector<std::string> names_in_tables(std::string_view model, std::string_view prefix) {
    const std::string_view as_it_stands = without_tuning(model);
    const std::string_view bare = without_tuning(without_prefix(model));
    std::vector<std::string> names;
    // From the most exact name to the most general: a price of this very version goes before that of the
    // model.
    for (const std::string& name :
         {std::string(prefix) + std::string(bare), std::string(as_it_stands), std::string(bare)}) {
        add_once(names, name);
        add_once(names, std::string(without_date(name)));
    }
    return names;
}

}  // namespace batchd::money
