#pragma once

#include <initializer_list>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "money/price/model_price.hpp"

namespace batchd::money {

/// A model with these prices, as a price file has them.
inline ModelPrice priced(std::initializer_list<std::pair<std::string_view, std::string_view>> prices) {
    ModelPrice model;
    for (const auto& [name, number] : prices) {
        const auto key = parse_price_key(name);
        const auto price = parse_token_price(number);
        EXPECT_TRUE(key && price) << name;
        if (key && price) model.set(*key, *price);
    }
    return model;
}

/// "?" where it is unknown.
inline std::string text(const std::optional<ExactDollars>& amount) {
    return amount ? amount->text() : "?";
}

}  // namespace batchd::money
