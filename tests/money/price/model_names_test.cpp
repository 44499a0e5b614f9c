#include "money/price/model_names.hpp"

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

using Names = std::vector<std::string>;

struct NamesCase {
    const char* model;
    const char* prefix;
    Names names;
};

TEST(ModelNamesTest, AreLookedForFromTheLikeliestOn) {
    const std::vector<NamesCase> cases{
        {"gpt-5.4-mini", "", {"gpt-5.4-mini"}},
        {"gpt-5.4-mini-2026-03-17", "", {"gpt-5.4-mini-2026-03-17", "gpt-5.4-mini"}},
        {"claude-x-4-20251001", "", {"claude-x-4-20251001", "claude-x-4"}},
        {"gpt-5.4-2026-03-05",
         "azure/",
         {"azure/gpt-5.4-2026-03-05", "azure/gpt-5.4", "gpt-5.4-2026-03-05", "gpt-5.4"}},
        {"openai/gpt-4o", "openai/", {"openai/gpt-4o", "gpt-4o"}},
        {"azure/gpt-4o", "openai/", {"openai/gpt-4o", "azure/gpt-4o", "gpt-4o"}},
        {"meta/llama-3", "", {"meta/llama-3"}},
        {"ft:gpt-4o-mini-2024-07-18:org:name:id", "", {"ft:gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini"}},
        {"ft:gpt-4o-mini-2024-07-18", "", {"ft:gpt-4o-mini-2024-07-18", "ft:gpt-4o-mini"}},
    };
    for (const auto& [model, prefix, names] : cases)
        EXPECT_EQ(names_in_tables(model, prefix), names) << model;
}

TEST(ModelNamesTest, TakeNothingForADateThatIsNone) {
    for (const char* model :
         {"gpt-4-0613", "gpt-3.5-turbo-1106", "x-2026-13-01", "x-2026-03-32", "x-20260000", "x-1026-03-17",
          "x2026-03-17", "-2026-03-17", "x-2026-3-17", "x-2026_03_17", "a-123456789"})
        EXPECT_EQ(names_in_tables(model, ""), Names{model}) << model;
}

}  // namespace
}  // namespace batchd::money
