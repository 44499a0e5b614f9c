#include "jsonl/request/broken_line.hpp"

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

TEST(BrokenLineTest, FindsTheIdOfALineThatIsNoJson) {
    EXPECT_EQ(custom_id_in_broken(R"({"id":"b","custom_id":"r-1","response":{"body":)"), "r-1");
    EXPECT_EQ(custom_id_in_broken("{\"custom_id\" :\t\"r-1\",\"x\":\"\x01\"}"), "r-1");
    EXPECT_EQ(custom_id_in_broken(R"({"custom_id":"a\u00e9\"b","usage":NaN})"), "a\xC3\xA9\"b");
    EXPECT_EQ(custom_id_in_broken(R"({"custom_id":17,"usage":NaN})"), "17");
    EXPECT_EQ(custom_id_in_broken("{\"custom_id\":\"a\x01z\"}"), "a\x01z") << "as it stands there";
}

TEST(BrokenLineTest, FindsNoneThatIsNotThereToItsEnd) {
    for (const auto* line : {"", "<html>", R"({"error":{}})", R"({"custom_id)", R"({"custom_id")",
                             R"({"custom_id":)", R"({"custom_id":"r-)", R"({"custom_id":"r-\")",
                             R"({"custom_id":17)", R"({"custom_id":null})", R"({"custom_id" "a"})"})
        EXPECT_FALSE(custom_id_in_broken(line)) << line;
}

}  // namespace
}  // namespace batchd::jsonl
