#include "base/units.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

using namespace std::chrono_literals;

TEST(DurationTest, ReadsANumberAndOneUnit) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("60s"), 60s);
    EXPECT_EQ(parse_duration("45m"), 45min);
    EXPECT_EQ(parse_duration("24h"), 24h);
    EXPECT_EQ(parse_duration("30d"), 720h);
    EXPECT_EQ(parse_duration("0s"), 0ms);
}

TEST(DurationTest, RefusesEverythingElse) {
    for (const char* bad : {"", "60", "s", "1.5s", "-1s", "1 day", "1h30m", "1S", "99999999999999999999s",
                            "9999999999999999d", " 1s", "1s "})
        EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(DurationTest, IsWrittenInTheLargestUnitThatDivides) {
    EXPECT_EQ(format_duration(500ms), "500ms");
    EXPECT_EQ(format_duration(60s), "1m");
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(24h), "24h");
    EXPECT_EQ(format_duration(0ms), "0ms");
}

TEST(SizeTest, ReadsDecimalAndBinaryUnits) {
    EXPECT_EQ(parse_size("200MB"), 200'000'000U);
    EXPECT_EQ(parse_size("1GiB"), 1'073'741'824U);
    EXPECT_EQ(parse_size("12 kB"), 12'000U);
    EXPECT_EQ(parse_size("4096"), 4096U);
    EXPECT_EQ(format_size(200'000'000), "200MB");
    EXPECT_EQ(format_size(209'715'200), "200MiB");
    EXPECT_EQ(format_size(1'048'576'000), "1000MiB");
    EXPECT_EQ(format_size(12'345), "12345B");
}

TEST(SizeTest, RefusesEverythingElse) {
    for (const char* bad : {"", "MB", "-1", "1.5MB", "1mb", "1TB", "99999999999GiB"})
        EXPECT_FALSE(parse_size(bad)) << bad;
}

TEST(CommasTest, StandBetweenThousands) {
    EXPECT_EQ(with_commas(0), "0");
    EXPECT_EQ(with_commas(999), "999");
    EXPECT_EQ(with_commas(1000), "1,000");
    EXPECT_EQ(with_commas(1'234'567), "1,234,567");
}

}  // namespace
}  // namespace batchd
