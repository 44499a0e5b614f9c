#include "money/budget/local_period.hpp"

#include <cstdlib>
#include <ctime>

#include <gtest/gtest.h>

namespace batchd::money {
namespace {

/// The machine's zone, for one test.
class LocalPeriodTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (const char* zone = std::getenv("TZ")) before_ = zone;
    }
    void TearDown() override { before_ ? live_in(before_->c_str()) : leave(); }

    // As POSIX writes them, so that no table of zones has to be installed.
    static void live_in(const char* zone) {
        ::setenv("TZ", zone, 1);
        ::tzset();
    }

private:
    static void leave() {
        ::unsetenv("TZ");
        ::tzset();
    }
    std::optional<std::string> before_;
};

constexpr auto kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
constexpr auto kNewYork = "EST5EDT,M3.2.0,M11.1.0";
constexpr auto kCairo = "EET-2EEST,M4.5.5/0,M10.5.4/24";  // the clocks go from 24:00 of a Thursday on to 1:00

struct PeriodCase {
    const char* zone;
    PeriodKind kind;
    const char* at;
    const char* from;
    const char* to;
};

TEST_F(LocalPeriodTest, IsTheDayOrMonthOfTheMachinesZone) {
    for (const auto& [zone, kind, at, from, to] : {
             PeriodCase{"UTC0", PeriodKind::day, "2026-11-27T12:00:00Z", "2026-11-27T00:00:00Z",
                        "2026-11-28T00:00:00Z"},
             PeriodCase{kBerlin, PeriodKind::day, "2026-11-27T23:30:00Z", "2026-11-27T23:00:00Z",
                        "2026-11-28T23:00:00Z"},
             PeriodCase{kNewYork, PeriodKind::day, "2026-11-27T03:00:00Z", "2026-11-26T05:00:00Z",
                        "2026-11-27T05:00:00Z"},
             // Bounds belong to the period that they begin.
             PeriodCase{kBerlin, PeriodKind::day, "2026-11-27T23:00:00Z", "2026-11-27T23:00:00Z",
                        "2026-11-28T23:00:00Z"},
             // The clocks change: a day of 23 hours, and one of 25.
             PeriodCase{kBerlin, PeriodKind::day, "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z",
                        "2026-03-29T22:00:00Z"},
             PeriodCase{kBerlin, PeriodKind::day, "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z",
                        "2026-10-25T23:00:00Z"},
             // A day without a midnight.
             PeriodCase{kCairo, PeriodKind::day, "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z",
                        "2026-04-24T21:00:00Z"},
             PeriodCase{"UTC0", PeriodKind::month, "2026-11-27T12:00:00Z", "2026-11-01T00:00:00Z",
                        "2026-12-01T00:00:00Z"},
             PeriodCase{"UTC0", PeriodKind::month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z",
                        "2028-03-01T00:00:00Z"},
             PeriodCase{kBerlin, PeriodKind::month, "2026-12-31T23:30:00Z", "2026-12-31T23:00:00Z",
                        "2027-01-31T23:00:00Z"},
             PeriodCase{kBerlin, PeriodKind::month, "2026-03-31T21:59:59Z", "2026-02-28T23:00:00Z",
                        "2026-03-31T22:00:00Z"},
         }) {
        live_in(zone);
        const Period period = local_period(kind, *parse_utc_text(at));
        EXPECT_EQ(to_utc_text(period.from), from) << at << ' ' << zone;
        EXPECT_EQ(to_utc_text(period.to), to) << at << ' ' << zone;
    }
}

TEST_F(LocalPeriodTest, OfADayFollowTheOneAfterTheOtherWithoutAGap) {
    for (const char* zone : {"UTC0", kBerlin, kNewYork, kCairo}) {
        live_in(zone);
        Period day = local_period(PeriodKind::day, *parse_utc_text("2026-01-01T00:00:00Z"));
        for (int i = 0; i < 400; ++i) {
            const Period next = local_period(PeriodKind::day, day.to);
            ASSERT_EQ(next.from, day.to) << zone << ' ' << to_utc_text(day.to);
            EXPECT_EQ(local_period(PeriodKind::day, day.to - Millis(1)), day);
            day = next;
        }
    }
}

}  // namespace
}  // namespace batchd::money
