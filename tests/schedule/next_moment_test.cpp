#include "schedule/next_moment.hpp"

#include <gtest/gtest.h>

namespace batchd::schedule {
namespace {

using namespace std::chrono_literals;

struct Case {
    const char* zone;
    const char* cron;
    const char* after;
    std::vector<std::string> moments;  ///< the next ones, each after the one before
};

void PrintTo(const Case& tested, std::ostream* out) {
    *out << tested.cron << " in " << tested.zone << " after " << tested.after;
}

class NextMomentTest : public ::testing::TestWithParam<Case> {};

TEST_P(NextMomentTest, ComesThen) {
    const auto& [zone_name, line, after, moments] = GetParam();
    const auto zone = TimeZone::load(zone_name).value();
    const auto cron = Cron::parse(line).value();
    TimePoint moment = *parse_utc_text(after);
    for (const std::string& expected : moments) {
        moment = next_moment(cron, zone, moment);
        EXPECT_EQ(to_utc_text(moment), expected);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Plain, NextMomentTest,
    ::testing::Values(
        Case{"UTC", "0 2 * * *", "2026-01-01T01:59:59Z", {"2026-01-01T02:00:00Z", "2026-01-02T02:00:00Z"}},
        Case{"UTC", "0 2 * * *", "2026-01-01T02:00:00Z", {"2026-01-02T02:00:00Z"}},
        Case{"UTC", "0 * * * *", "2026-01-01T02:00:00Z", {"2026-01-01T03:00:00Z"}},
        Case{"Asia/Kolkata",
             "0 * * * *",
             "2026-01-01T00:00:00Z",
             {"2026-01-01T00:30:00Z", "2026-01-01T01:30:00Z"}},
        Case{"Europe/Berlin", "0 2 * * mon-fri", "2026-01-02T12:00:00Z", {"2026-01-05T01:00:00Z"}}));

// The clocks in Berlin go from 02:00 to 03:00 on 29 March 2026, at 01:00 UTC.
INSTANTIATE_TEST_SUITE_P(
    Forward, NextMomentTest,
    ::testing::Values(Case{"Europe/Berlin",
                           "30 2 * * *",
                           "2026-03-28T00:00:00Z",
                           {"2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"}},
                      // Three that are skipped are one moment, and so is the one that is there anyway.
                      Case{"Europe/Berlin",
                           "*/20 2-3 29 3 *",
                           "2026-03-29T00:59:59Z",
                           {"2026-03-29T01:00:00Z", "2026-03-29T01:20:00Z", "2026-03-29T01:40:00Z",
                            "2027-03-29T00:00:00Z"}},
                      Case{"Europe/Berlin",
                           "0 3 * * *",
                           "2026-03-29T00:00:00Z",
                           {"2026-03-29T01:00:00Z", "2026-03-30T01:00:00Z"}},
                      Case{"Europe/Berlin",
                           "30 * * * *",
                           "2026-03-29T00:00:00Z",
                           {"2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:30:00Z"}},
                      Case{"Europe/Berlin",
                           "0 */2 * * *",
                           "2026-03-28T22:30:00Z",
                           {"2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"}},
                      // Half an hour only, 02:00 to 02:30.
                      Case{"Australia/Lord_Howe",
                           "15 2 * * *",
                           "2026-10-03T12:00:00Z",
                           {"2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z"}},
                      // At midnight, so that the day has none.
                      Case{"Africa/Cairo",
                           "@daily",
                           "2026-04-23T12:00:00Z",
                           {"2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"}},
                      // Samoa had no 30 December in 2011.
                      Case{"Pacific/Apia",
                           "0 12 * * *",
                           "2011-12-29T00:00:00Z",
                           {"2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"}},
                      Case{"Pacific/Apia", "0 * 30 12 *", "2011-12-29T00:00:00Z", {"2012-12-29T10:00:00Z"}},
                      Case{"Pacific/Apia",
                           "0 */12 30 12 *",
                           "2011-12-29T00:00:00Z",
                           {"2011-12-30T10:00:00Z", "2012-12-29T10:00:00Z"}}));

// The clocks in Berlin go from 03:00 back to 02:00 on 25 October 2026, at 01:00 UTC.
INSTANTIATE_TEST_SUITE_P(
    Back, NextMomentTest,
    ::testing::Values(Case{"Europe/Berlin",
                           "30 2 * * *",
                           "2026-10-24T12:00:00Z",
                           {"2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"}},
                      // Asked while the hour is shown for the second time.
                      Case{"Europe/Berlin", "30 2 * * *", "2026-10-25T01:10:00Z", {"2026-10-26T01:30:00Z"}},
                      Case{"Europe/Berlin",
                           "* 1-3 * * *",
                           "2026-10-25T00:59:00Z",
                           {"2026-10-25T02:00:00Z", "2026-10-25T02:01:00Z"}},
                      Case{"Europe/Berlin",
                           "30 * * * *",
                           "2026-10-24T23:00:00Z",
                           {"2026-10-24T23:30:00Z", "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z",
                            "2026-10-25T02:30:00Z"}},
                      Case{"Europe/Berlin",
                           "0 */2 * * *",
                           "2026-10-24T22:30:00Z",
                           {"2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T03:00:00Z"}},
                      Case{"Europe/Berlin",
                           "0 0-23/2 * * *",
                           "2026-10-24T22:30:00Z",
                           {"2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z"}},
                      Case{"America/New_York",
                           "30 1 * * sun",
                           "2026-11-01T00:00:00Z",
                           {"2026-11-01T05:30:00Z", "2026-11-08T06:30:00Z"}},
                      Case{"Australia/Lord_Howe",
                           "*/15 * * * *",
                           "2026-04-04T14:50:00Z",
                           {"2026-04-04T15:00:00Z", "2026-04-04T15:15:00Z", "2026-04-04T15:30:00Z"}}));

TEST(NextMomentOfFractionsTest, AMomentIsStrictlyLater) {
    const auto zone = TimeZone::load("UTC").value();
    for (const char* line : {"0 2 * * *", "0 * * * *"}) {
        const auto cron = Cron::parse(line).value();
        const TimePoint moment = *parse_utc_text("2026-01-01T02:00:00Z");
        EXPECT_EQ(next_moment(cron, zone, moment - 1ms), moment);
        EXPECT_GT(next_moment(cron, zone, moment), moment);
        EXPECT_GT(next_moment(cron, zone, moment + 1ms), moment + 1ms);
    }
}

}  // namespace
}  // namespace batchd::schedule
