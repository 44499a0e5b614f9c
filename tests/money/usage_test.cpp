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

TEST(UsageTest, IsReadBackAsItWasWritten) {
    const Usage usage{.input = 10, .cached = 4, .cache_write = 2, .output = 7, .reasoning = 3};
    EXPECT_EQ(parse_usage(to_json(usage)), usage);
    for (const char* other : {"", "{}", "[]", R"({"input":1})", R"({"input":-1,"cached":0})"})
        EXPECT_EQ(parse_usage(other), std::nullopt) << other;
}

}  // namespace
}  // namespace batchd::money
