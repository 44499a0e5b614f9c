#include "daemon/line/since.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = *parse_utc_text("2026-11-27T12:00:00Z");

std::string since(std::string_view text) {
    const auto time = parse_since(text, kNow);
    return time ? to_utc_text(*time) : "nothing";
}

TEST(SinceTest, ADurationIsHowLongAgo) {
    EXPECT_EQ(since("1h"), "2026-11-27T11:00:00Z");
    EXPECT_EQ(since("30d"), "2026-10-28T12:00:00Z");
    EXPECT_EQ(since("90000d"), "1970-01-01T00:00:00Z");
}

TEST(SinceTest, ATimeMayBeCutAfterTheDayTheMinuteOrTheSecond) {
    EXPECT_EQ(since("2026-11-22"), "2026-11-22T00:00:00Z");
    EXPECT_EQ(since("2026-11-22T08:30"), "2026-11-22T08:30:00Z");
    EXPECT_EQ(since("2026-11-22 08:30"), "2026-11-22T08:30:00Z");
    EXPECT_EQ(since("2026-11-22T08:30Z"), "2026-11-22T08:30:00Z");
    EXPECT_EQ(since("2026-11-22T08:30:15"), "2026-11-22T08:30:15Z");
    EXPECT_EQ(since("2026-11-22 08:30:15Z"), "2026-11-22T08:30:15Z");
}

TEST(SinceTest, WhatIsNeitherIsRefused) {
    for (const char* text : {"", "yesterday", "2026", "2026-11", "2026-11-2", "2026-13-01", "2026-11-22T08",
                             "2026-11-22T08:30:15ZZ", "22.11.2026", "1", "-1h"})
        EXPECT_EQ(since(text), "nothing") << text;
}

}  // namespace
}  // namespace batchd
