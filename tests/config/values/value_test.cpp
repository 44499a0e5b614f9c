#include "config/values/value.hpp"

#include <gtest/gtest.h>

namespace batchd::config {
namespace {

TEST(DescribeTest, ShowsAValueAsItStandsInTheFile) {
    EXPECT_EQ(describe({std::string("30")}), "\"30\"");
    EXPECT_EQ(describe({std::int64_t{30}}), "30");
    EXPECT_EQ(describe({true}), "true");
    EXPECT_EQ(describe({Value::Table{}}), "a table");
    EXPECT_EQ(describe({Value::Array{}}), "an array");
    EXPECT_EQ(describe({4.5}), "4.5");
    EXPECT_EQ(describe({Value::Other{"a date or time"}}), "a date or time");
}

TEST(DescribeTest, ShowsALongOrUnprintableTextSafely) {
    EXPECT_EQ(describe({std::string("a\nb")}), "\"a\\x0ab\"");
    EXPECT_EQ(describe({std::string(1000, 'x')}), "\"" + std::string(80, 'x') + "…\"");
}

TEST(DescribeTest, ShowsNoUserOrPasswordOfAnAddress) {
    EXPECT_EQ(describe({std::string("https://me:secret@example.org/v1")}), "\"https://[…]@example.org/v1\"");
}

TEST(TomlStringTest, EscapesWhatTomlDoesNotTake) {
    EXPECT_EQ(toml_string("plain é"), "\"plain é\"");
    EXPECT_EQ(toml_string("a\"b\\c"), "\"a\\\"b\\\\c\"");
    EXPECT_EQ(toml_string("a\nb\x7f"), "\"a\\u000Ab\\u007F\"");
}

TEST(TomlNumberTest, IsTheShortestThatIsReadBackAsTheSame) {
    EXPECT_EQ(toml_number(0.7), "0.7");
    EXPECT_EQ(toml_number(1.0), "1.0");
    EXPECT_EQ(toml_number(-0.0), "-0.0");
    EXPECT_EQ(toml_number(1e22), "1e+22");
    EXPECT_EQ(toml_number(0.1 + 0.2), "0.30000000000000004");
}

}  // namespace
}  // namespace batchd::config
