#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace batchd {
namespace {

using namespace std::chrono_literals;

TEST(UtcTextTest, IsSecondsInUtc) {
    const TimePoint time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 8h + 30min + 999ms;
    EXPECT_EQ(to_utc_text(time), "2026-11-22T08:30:00Z");
}

TEST(UtcTextTest, ReadsBackWhatItWrote) {
    const TimePoint time = std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + 23h + 59min + 59s;
    EXPECT_EQ(parse_utc_text(to_utc_text(time)), time);
}

TEST(UtcTextTest, RefusesWhatIsNoTime) {
    for (const char* bad : {"", "2026-11-22", "2026-13-01T00:00:00Z", "2025-02-29T00:00:00Z",
                            "2026-11-22T24:00:00Z", "2026-11-22T08:30:00", "2026-11-22T08:30:00Zx"})
        EXPECT_FALSE(parse_utc_text(bad)) << bad;
}

}  // namespace
}  // namespace batchd
