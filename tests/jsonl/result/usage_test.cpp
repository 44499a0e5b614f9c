#include <gtest/gtest.h>

#include "jsonl/given_line.hpp"
#include "jsonl/result/result_line.hpp"

namespace batchd::jsonl {
namespace {

TEST(ResultUsageTest, ReadsTheUsageOfEachKindOfAnswer) {
    const auto usage = [](std::string_view body) {
        ResultParser parser;
        const GivenLine given(R"({"custom_id":"a","response":{"status_code":200,"body":)" +
                              std::string(body) + "}}");
        const auto row = parser.parse(given.line()).value();
        const money::Usage tokens = row.usage.value_or(money::Usage{});
        return std::pair(tokens.input, tokens.output);
    };
    using Tokens = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(usage(R"({"usage":{"prompt_tokens":12,"completion_tokens":34,"total_tokens":46}})"),
              (Tokens{12, 34}));
    EXPECT_EQ(
        usage(
            R"({"usage":{"output_tokens":34,"input_tokens":12,"input_tokens_details":{"input_tokens":9}}})"),
        (Tokens{12, 34}));
    EXPECT_EQ(usage(R"({"data":[[0.1,0.2]],"usage":{"prompt_tokens":8,"total_tokens":8}})"), (Tokens{8, 0}));
    EXPECT_EQ(usage(R"({"usage":null})"), (Tokens{0, 0}));
    EXPECT_EQ(usage(R"({"usage":{"prompt_tokens":-5,"completion_tokens":1.5}})"), (Tokens{0, 0}));
    EXPECT_EQ(
        usage(R"({"usage":{"prompt_tokens":18446744073709551615,"completion_tokens":99999999999999999999}})"),
        (Tokens{0, 0}));
}

TEST(ResultUsageTest, TellsWhatWasCachedAndReasonedAndByWhomItWasAnswered) {
    struct Case {
        std::string_view body;
        money::Usage usage;
        std::string_view model, service_tier;
    };
    const std::vector<Case> cases{
        // Chat Completions.
        {R"({"model":"m-1","service_tier":"flex","usage":{"prompt_tokens":100,"completion_tokens":50,
            "prompt_tokens_details":{"cached_tokens":60,"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":40}}})",
         {.input = 100, .cached = 60, .output = 50, .reasoning = 40},
         "m-1",
         "flex"},
        // Responses.
        {R"({"usage":{"input_tokens":100,"input_tokens_details":{"cached_tokens":60},"output_tokens":50,
            "output_tokens_details":{"reasoning_tokens":40}},"service_tier":"default","model":"m-1"})",
         {.input = 100, .cached = 60, .output = 50, .reasoning = 40},
         "m-1",
         "default"},
        // Messages: what the cache had is not among the input tokens.
        {R"({"model":"c","usage":{"input_tokens":10,"cache_read_input_tokens":60,
            "cache_creation_input_tokens":30,"output_tokens":50,"service_tier":"batch"}})",
         {.input = 100, .cached = 60, .cache_write = 30, .output = 50},
         "c",
         "batch"},
        // A gateway that names the same in both ways.
        {R"({"usage":{"prompt_tokens":100,"cache_read_input_tokens":60,"completion_tokens":5,
            "prompt_tokens_details":{"cached_tokens":60,"cache_creation_tokens":30}}})",
         {.input = 100, .cached = 60, .cache_write = 30, .output = 5},
         "",
         ""},
        {R"({"usage":{"prompt_tokens":9,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":3}}})",
         {.input = 9, .cached = 2, .cache_write = 3},
         "",
         ""},
        {R"({"usage":{"prompt_tokens":9,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":5}})",
         {.input = 9, .cached = 4},
         "",
         ""},
        // The total has what the model has thought, and the output has not.
        {R"({"usage":{"prompt_tokens":5,"completion_tokens":10,"total_tokens":24,
            "completion_tokens_details":{"reasoning_tokens":9}}})",
         {.input = 5, .output = 19, .reasoning = 9},
         "",
         ""},
        {R"({"usage":{"total_tokens":2015,"prompt_tokens":5,"completion_tokens":10}})",
         {.input = 5, .output = 2010},
         "",
         ""},
        // A total without a cache that is counted beside the input says nothing.
        {R"({"usage":{"input_tokens":10,"cache_read_input_tokens":60,"output_tokens":5,"total_tokens":15}})",
         {.input = 70, .cached = 60, .output = 5},
         "",
         ""},
        {R"({"usage":{"total_tokens":7}})", {.otherwise = 7}, "", ""},
        // What is charged otherwise than text.
        {R"({"usage":{"prompt_tokens":9,"completion_tokens":8,"total_tokens":17,
            "prompt_tokens_details":{"audio_tokens":4,"image_tokens":3},
            "completion_tokens_details":{"audio_tokens":2,"image_tokens":1}}})",
         {.input = 9, .output = 8, .otherwise = 7},
         "",
         ""},
        {R"({"model":null,"service_tier":null,"usage":{"prompt_tokens":1,"prompt_tokens_details":null}})",
         {.input = 1},
         "",
         ""},
    };
    for (const Case& each : cases) {
        ResultParser parser;
        const GivenLine given(R"({"custom_id":"a","response":{"status_code":200,"body":)" +
                              std::string(each.body) + "}}");
        const auto row = parser.parse(given.line()).value();
        EXPECT_EQ(row.usage, each.usage) << each.body;
        EXPECT_EQ(row.model, each.model) << each.body;
        EXPECT_EQ(row.service_tier, each.service_tier) << each.body;
    }
}

TEST(ResultUsageTest, TellsNoUsageWhereThereIsNoneAndThatOfARowThatFailed) {
    ResultParser parser;
    const GivenLine silent(
        R"({"custom_id":"a","response":{"status_code":200,"body":{"usage":{},"id":"r"}}})");
    EXPECT_FALSE(parser.parse(silent.line()).value().usage.has_value());
    const GivenLine failed(R"({"custom_id":"a","response":{"status_code":500,"body":{"error":{"code":"x"},)"
                           R"("usage":{"prompt_tokens":7}}}})");
    EXPECT_EQ(parser.parse(failed.line()).value().usage, (money::Usage{.input = 7}));
}

}  // namespace
}  // namespace batchd::jsonl
