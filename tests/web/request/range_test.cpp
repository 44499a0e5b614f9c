#include "web/request/range.hpp"

#include <gtest/gtest.h>

namespace batchd::web {
namespace {

constexpr Range kAll{Range::Kind::all, 0, 100};
constexpr Range kOut{Range::Kind::out_of_bounds, 0, 0};

Range part(std::uint64_t first, std::uint64_t size) {
    return {Range::Kind::part, first, size};
}

TEST(RangeTest, ReadsOnePart) {
    EXPECT_EQ(parse_range("bytes=0-0", 100), part(0, 1));
    EXPECT_EQ(parse_range("bytes=10-19", 100), part(10, 10));
    EXPECT_EQ(parse_range("bytes=90-", 100), part(90, 10));
    EXPECT_EQ(parse_range("bytes=90-1000", 100), part(90, 10));
    EXPECT_EQ(parse_range("bytes=-30", 100), part(70, 30));
    EXPECT_EQ(parse_range("bytes=-300", 100), part(0, 100));
}

TEST(RangeTest, IsCutOutOfWhatStandsSomewhereInTheWhole) {
    EXPECT_EQ(overlap(part(10, 20), 0, 100), part(10, 20));
    EXPECT_EQ(overlap(part(10, 20), 15, 100), part(0, 15));
    EXPECT_EQ(overlap(part(10, 20), 5, 10), part(5, 5));
    EXPECT_EQ(overlap(part(10, 20), 12, 3), part(0, 3));
    for (const std::uint64_t at : {0U, 30U, 31U}) EXPECT_EQ(overlap(part(10, 20), at, 10).size, 0U) << at;
}

TEST(RangeTest, SaysWhenTheFileEndsBefore) {
    EXPECT_EQ(parse_range("bytes=100-", 100), kOut);
    EXPECT_EQ(parse_range("bytes=0-", 0), kOut);
    EXPECT_EQ(parse_range("bytes=-0", 100), kOut);
}

TEST(RangeTest, GivesAllWhereItDoesNotUnderstand) {
    for (const char* header : {"", "bytes", "bytes=", "bytes=-", "lines=1-2", "bytes=1-2,4-5", "bytes=9-3",
                               "bytes=a-b", "bytes=1-99999999999999999999"})
        EXPECT_EQ(parse_range(header, 100), kAll) << header;
}

}  // namespace
}  // namespace batchd::web
