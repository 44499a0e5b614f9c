#include "jsonl/error_line.hpp"

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

TEST(ErrorLineTest, HasTheShapeOfTheProviders) {
    EXPECT_EQ(
        error_line("a", {"no_answer", "None came."}),
        R"({"id":null,"custom_id":"a","response":null,"error":{"code":"no_answer","message":"None came."}})");
    EXPECT_EQ(
        error_line(std::nullopt, {"c", "m", "body.model", 17}),
        R"({"id":null,"custom_id":null,"response":null,"error":{"code":"c","message":"m","param":"body.model","line":17}})");
}

TEST(ErrorLineTest, IsOneLineOfValidJsonWhateverItIsGiven) {
    EXPECT_EQ(error_line("q\"\\\n", {"c", "€\xFF"}),
              R"({"id":null,"custom_id":"q\"\\\n","response":null,"error":{"code":"c","message":"€\\xff"}})");
}

}  // namespace
}  // namespace batchd::jsonl
