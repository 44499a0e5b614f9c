#include "schedule/time_zone.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace batchd::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;
using std::chrono::sys_days;

TEST(TimeZoneTest, ReadsTheClocksOfAPlace) {
    const auto berlin = TimeZone::load("Europe/Berlin").value();
    EXPECT_EQ(berlin.name(), "Europe/Berlin");
    EXPECT_EQ(berlin.to_local(sys_days(2026y / 7 / 1)), local_days(2026y / 7 / 1) + 2h);
    EXPECT_EQ(berlin.first_moment_of(local_days(2026y / 12 / 1)), sys_days(2026y / 11 / 30) + 23h);
}

TEST(TimeZoneTest, KnowsSummersThatNoTableHas) {
    const auto berlin = TimeZone::load("Europe/Berlin").value();
    EXPECT_EQ(berlin.to_local(sys_days(2060y / 7 / 1)), local_days(2060y / 7 / 1) + 2h);
}

TEST(TimeZoneTest, ATimeThatIsSkippedComesWhenTheClocksArePutForward) {
    const auto berlin = TimeZone::load("Europe/Berlin").value();
    const auto change = sys_days(2026y / 3 / 29) + 1h;
    EXPECT_EQ(berlin.next_change(sys_days(2026y / 1 / 1)), change);
    EXPECT_EQ(berlin.first_moment_of(local_days(2026y / 3 / 29) + 2h + 30min), change);
}

TEST(TimeZoneTest, OfATimeThatIsShownTwiceTheFirstIsMeant) {
    const auto berlin = TimeZone::load("Europe/Berlin").value();
    EXPECT_EQ(berlin.first_moment_of(local_days(2026y / 10 / 25) + 2h + 30min),
              sys_days(2026y / 10 / 25) + 30min);
    EXPECT_EQ(berlin.next_change(sys_days(2026y / 10 / 25)), sys_days(2026y / 10 / 25) + 1h);
}

TEST(TimeZoneTest, ThereIsNoChangeInUtc) {
    EXPECT_EQ(TimeZone::load("UTC").value().next_change(sys_days(2026y / 1 / 1)), std::nullopt);
}

TEST(TimeZoneTest, WhatIsNoNameIsRefused) {
    for (const char* name : {"", "Europe", "Europe/Nowhere", "europe/berlin", "/etc/localtime", "tzdata.zi",
                             "../zoneinfo/Europe/Berlin", "./UTC", "UTC+2", "Europe/Berlin\n"}) {
        const auto zone = TimeZone::load(name);
        ASSERT_TRUE(zone.has_error()) << name;
        EXPECT_EQ(zone.error().context,
                  "time zone \"" + std::string(name) +
                      "\": must be a file in /usr/share/zoneinfo (package tzdata), such as "
                      "\"Europe/Berlin\" or \"UTC\"");
    }
}

/// TZ as it was before, when the test is over.
class MachineZoneTest : public ::testing::Test {
public:
    MachineZoneTest() {
        if (const char* set = std::getenv("TZ")) before_ = set;
    }
    ~MachineZoneTest() override {
        if (before_) {
            ::setenv("TZ", before_->c_str(), 1);
        } else {
            ::unsetenv("TZ");
        }
    }

private:
    std::optional<std::string> before_;
};

TEST_F(MachineZoneTest, IsWhatTheEnvironmentSays) {
    for (const char* set : {"Asia/Kolkata", ":Asia/Kolkata"}) {
        ::setenv("TZ", set, 1);
        EXPECT_EQ(TimeZone::of_machine().value().name(), "Asia/Kolkata");
    }
}

TEST_F(MachineZoneTest, AnEnvironmentThatNamesNoZoneIsSaid) {
    ::setenv("TZ", "CET-1CEST", 1);
    const auto zone = TimeZone::of_machine();
    ASSERT_TRUE(zone.has_error());
    EXPECT_TRUE(zone.error().context.starts_with("TZ: time zone \"CET-1CEST\": must be"))
        << zone.error().context;
}

TEST_F(MachineZoneTest, IsElseThatOfTheCLibrary) {
    ::unsetenv("TZ");
    const auto zone = TimeZone::of_machine().value();
    for (const auto day : {2026y / 1 / 1, 2026y / 7 / 1}) {
        const SysSeconds moment = sys_days(day);
        const std::time_t seconds = moment.time_since_epoch().count();
        std::tm shown{};
        ASSERT_NE(::localtime_r(&seconds, &shown), nullptr);
        EXPECT_EQ(zone.to_local(moment) - local_days(day), std::chrono::seconds(shown.tm_gmtoff));
    }
}

}  // namespace
}  // namespace batchd::schedule
