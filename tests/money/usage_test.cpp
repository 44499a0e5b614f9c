#include "money/usage.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

struct UsageCase {
    Usage answers;
    Usage batch;
    std::optional<std::string> difference;
};

TEST(UsageTest, OfTheAnswersIsHeldAgainstWhatTheBatchSays) {
    const std::vector<UsageCase> cases{
        {{.input = 10, .output = 5}, {.input = 10, .output = 5}, std::nullopt},
        {{.input = 10, .output = 5}, {}, std::nullopt},
        {{.input = 10, .cached = 4, .output = 5, .reasoning = 3}, {.input = 10, .output = 5}, std::nullopt},
        {{.input = 10, .output = 5},
         {.input = 1200, .output = 5},
         "the answers have 10 input tokens, the batch says 1,200"},
        {{.input = 10, .cached = 4, .output = 5, .reasoning = 3},
         {.input = 10, .cached = 5, .output = 4, .reasoning = 3},
         "the answers have 4 cached tokens, the batch says 5; 5 output tokens, the batch says 4"},
    };
    for (const auto& [answers, batch, difference] : cases)
        EXPECT_EQ(usage_difference(answers, batch), difference);
}

}  // namespace
}  // namespace batchd::money
