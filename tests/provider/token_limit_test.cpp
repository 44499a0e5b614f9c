#include "provider/token_limit.hpp"

#include <gtest/gtest.h>

namespace batchd::provider {
namespace {

TEST(TokenLimitTest, IsReadFromWhatProvidersSay) {
    EXPECT_EQ(named_token_limit(
                  "Enqueued token limit reached for gpt-4o-mini in organization org-x. Limit: 2,000,000 "
                  "enqueued tokens. Please try again once some in_progress batches have been completed."),
              2'000'000U);
    EXPECT_EQ(named_token_limit("token_limit_exceeded: … Limit: 90000 enqueued tokens."), 90'000U);
    EXPECT_EQ(
        named_token_limit("The number of enqueued tokens has surpassed the configured limit of 30K for the "
                          "deployment 'x'."),
        30'000U);
    EXPECT_EQ(named_token_limit("tokens, more than the limit of 5M"), 5'000'000U);
}

TEST(TokenLimitTest, IsNothingWhereNoneIsNamed) {
    for (const auto* message :
         {"", "Enqueued token limit reached.", "Limit: 3 requests per minute", "tokens Limit: x",
          "tokens Limit: 0", "tokens Limit: ,5", "tokens Limit: 99999999999999999999999"})
        EXPECT_FALSE(named_token_limit(message)) << message;
}

}  // namespace
}  // namespace batchd::provider
