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

TEST(TokenLimitTest, IsReadHoweverItIsWritten) {
    const std::pair<const char*, std::uint64_t> kWritten[] = {{"1.5M", 1'500'000},
                                                              {"5B", 5'000'000'000},
                                                              {"1.5B", 1'500'000'000},
                                                              {"900k", 900'000},
                                                              {"2_000_000", 2'000'000},
                                                              {"1 500 000", 1'500'000},
                                                              {"1.5 million", 1'500'000},
                                                              {"2 billion", 2'000'000'000},
                                                              {"0.5M", 500'000},
                                                              {"90,000", 90'000},
                                                              {"90000", 90'000},
                                                              {"90000.", 90'000},
                                                              {"1,500.5K", 1'500'500},
                                                              {"30 K", 30'000},
                                                              {"12 max", 12},
                                                              {"12 3456", 12},
                                                              {"2e6", 2'000'000},
                                                              {"1.5E+6", 1'500'000},
                                                              {"9e4", 90'000},
                                                              {"15B", 15'000'000'000}};
    for (const auto& [text, limit] : kWritten)
        for (const std::string behind : {"", " enqueued tokens.", ", of tokens"})
            EXPECT_EQ(named_token_limit("token: Limit: " + (text + behind)), limit) << text << behind;
}

TEST(TokenLimitTest, IsNothingWhereNoneIsNamed) {
    for (const auto* message :
         {"", "Enqueued token limit reached.", "Limit: 3 requests per minute", "tokens Limit: x",
          "tokens Limit: 0", "tokens Limit: ,5", "tokens Limit: 99999999999999999999999", "tokens Limit: 1.5",
          "tokens Limit: 1.2.3M", "tokens Limit: 99999999999999999999B", "tokens Limit: .5M",
          "tokens Limit: 0.0001K", "tokens Limit: 2e99", "tokens Limit: 2e20"})
        EXPECT_FALSE(named_token_limit(message)) << message;
}

}  // namespace
}  // namespace batchd::provider
