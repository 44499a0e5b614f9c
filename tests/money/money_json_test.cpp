#include "money/money_json.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

TEST(MoneyJsonTest, IsExactForPrograms) {
    EXPECT_EQ(money_or_null(12'345'678), "0.012345678");
    EXPECT_TRUE(money_or_null(std::nullopt).is_null());
}

}  // namespace
}  // namespace batchd::money
