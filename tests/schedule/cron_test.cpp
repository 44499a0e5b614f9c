#include "schedule/cron.hpp"

#include <gtest/gtest.h>

namespace batchd::schedule {
namespace {

using namespace std::chrono_literals;
using std::chrono::local_days;

// A Thursday.
constexpr auto kStart = LocalMinutes(local_days(2026y / 1 / 1));

/// "2026-01-05 02:00"
std::string to_text(LocalMinutes time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>((time - day) / 1h), static_cast<int>((time - day) % 1h / 1min));
    return text;
}

std::vector<std::string> first_three(const Cron& cron, LocalMinutes from) {
    std::vector<std::string> times;
    for (int i = 0; i < 3; ++i, from += 1min) {
        from = cron.first_from(from);
        times.push_back(to_text(from));
    }
    return times;
}

struct Named {
    const char* text;
    std::vector<std::string> times;
};

void PrintTo(const Named& named, std::ostream* out) {
    *out << named.text;
}

class CronTimesTest : public ::testing::TestWithParam<Named> {};

TEST_P(CronTimesTest, NamesTheseMinutesFirst) {
    const auto cron = Cron::parse(GetParam().text);
    ASSERT_TRUE(cron) << cron.error().context;
    EXPECT_EQ(first_three(*cron, kStart), GetParam().times);
}

INSTANTIATE_TEST_SUITE_P(
    Lines, CronTimesTest,
    ::testing::Values(
        Named{"* * * * *", {"2026-01-01 00:00", "2026-01-01 00:01", "2026-01-01 00:02"}},
        Named{"\t 5  0 * * * ", {"2026-01-01 00:05", "2026-01-02 00:05", "2026-01-03 00:05"}},
        Named{"*/25 * * * *", {"2026-01-01 00:00", "2026-01-01 00:25", "2026-01-01 00:50"}},
        Named{"50/5 23 * * *", {"2026-01-01 23:50", "2026-01-01 23:55", "2026-01-02 23:50"}},
        Named{"0 9-17/4 * * *", {"2026-01-01 09:00", "2026-01-01 13:00", "2026-01-01 17:00"}},
        Named{"0 22-2/2 * * *", {"2026-01-01 00:00", "2026-01-01 02:00", "2026-01-01 22:00"}},
        Named{"30,0 12,6 * * *", {"2026-01-01 06:00", "2026-01-01 06:30", "2026-01-01 12:00"}},
        Named{"59 23 31 12 *", {"2026-12-31 23:59", "2027-12-31 23:59", "2028-12-31 23:59"}},
        Named{"0 0 31 * *", {"2026-01-31 00:00", "2026-03-31 00:00", "2026-05-31 00:00"}},
        Named{"0 0 29 2 *", {"2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"}},
        Named{"0 0 30,31 2-3 *", {"2026-03-30 00:00", "2026-03-31 00:00", "2027-03-30 00:00"}},
        Named{"0 2 * * mon-fri", {"2026-01-01 02:00", "2026-01-02 02:00", "2026-01-05 02:00"}},
        Named{"0 2 * * MON,Wed", {"2026-01-05 02:00", "2026-01-07 02:00", "2026-01-12 02:00"}},
        Named{"0 0 * * 0", {"2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"}},
        Named{"0 0 * * 7", {"2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"}},
        Named{"0 0 * * 5-7", {"2026-01-02 00:00", "2026-01-03 00:00", "2026-01-04 00:00"}},
        Named{"0 0 * * mon-sun/3", {"2026-01-01 00:00", "2026-01-04 00:00", "2026-01-05 00:00"}},
        Named{"0 0 * * fri-mon/2", {"2026-01-02 00:00", "2026-01-04 00:00", "2026-01-09 00:00"}},
        Named{"0 0 1 jul-aug,DEC *", {"2026-07-01 00:00", "2026-08-01 00:00", "2026-12-01 00:00"}},
        Named{"0 0 * nov-feb/2 sun", {"2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"}},
        // Both days given: either counts. Every day is a day given, too.
        Named{"0 0 13 * fri", {"2026-01-02 00:00", "2026-01-09 00:00", "2026-01-13 00:00"}},
        Named{"0 0 31 2 sun", {"2026-02-01 00:00", "2026-02-08 00:00", "2026-02-15 00:00"}},
        Named{"0 0 1-31 * mon", {"2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 00:00"}},
        Named{"@hourly", {"2026-01-01 00:00", "2026-01-01 01:00", "2026-01-01 02:00"}},
        Named{"@daily", {"2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 00:00"}},
        Named{"@midnight", {"2026-01-01 00:00", "2026-01-02 00:00", "2026-01-03 00:00"}},
        Named{"@Weekly", {"2026-01-04 00:00", "2026-01-11 00:00", "2026-01-18 00:00"}},
        Named{"@monthly", {"2026-01-01 00:00", "2026-02-01 00:00", "2026-03-01 00:00"}},
        Named{"@yearly", {"2026-01-01 00:00", "2027-01-01 00:00", "2028-01-01 00:00"}},
        Named{"@annually", {"2026-01-01 00:00", "2027-01-01 00:00", "2028-01-01 00:00"}}));

TEST(CronTest, TheCenturyWithoutALeapYearIsCrossed) {
    const auto cron = Cron::parse("0 0 29 2 *").value();
    EXPECT_EQ(to_text(cron.first_from(local_days(2096y / 3 / 1))), "2104-02-29 00:00");
}

TEST(CronTest, TheMinuteItselfIsOneFromIt) {
    const auto cron = Cron::parse("30 6 * * *").value();
    EXPECT_EQ(to_text(cron.first_from(kStart + 6h + 30min)), "2026-01-01 06:30");
    EXPECT_EQ(to_text(cron.first_from(kStart + 6h + 31min)), "2026-01-02 06:30");
}

TEST(CronTest, OnlyAStarOrAStepOfItCountsHours) {
    for (const char* hours : {"*", "*/2"})
        EXPECT_TRUE(Cron::parse(std::string("0 ") + hours + " * * *")->counts_hours()) << hours;
    for (const char* hours : {"2", "0-23", "0/2", "*/6,3"})
        EXPECT_FALSE(Cron::parse(std::string("0 ") + hours + " * * *")->counts_hours()) << hours;
}

TEST(CronTest, OnlyAStarIsEveryHour) {
    for (const char* hours : {"*", "*/1"})
        EXPECT_TRUE(Cron::parse(std::string("0 ") + hours + " * * *")->every_hour()) << hours;
    for (const char* hours : {"*/2", "0-23"})
        EXPECT_FALSE(Cron::parse(std::string("0 ") + hours + " * * *")->every_hour()) << hours;
}

struct Refused {
    const char* text;
    const char* what;
};

void PrintTo(const Refused& refused, std::ostream* out) {
    *out << refused.text;
}

class CronErrorTest : public ::testing::TestWithParam<Refused> {};

TEST_P(CronErrorTest, IsToldWithItsFieldAndWhatWouldBeRight) {
    const auto cron = Cron::parse(GetParam().text);
    ASSERT_TRUE(cron.has_error());
    EXPECT_EQ(cron.error().code, Errc::bad_input);
    EXPECT_NE(cron.error().context.find(GetParam().what), std::string::npos) << cron.error().context;
}

INSTANTIATE_TEST_SUITE_P(
    Lines, CronErrorTest,
    ::testing::Values(
        Refused{"", "0 fields: must be five, minute, hour, day, month and weekday, such as"},
        Refused{"0 2 * *", "4 fields: must be five"}, Refused{"0 0 2 * * *", "6 fields: must be five"},
        Refused{"@fortnightly", "\"@fortnightly\": must be @hourly, @daily"},
        Refused{"@daily 3", "2 fields: must be five"},
        Refused{"60 * * * *", "minutes \"60\": must be 0 to 59"},
        Refused{"-1 * * * *", "minutes \"-1\": must be 0 to 59"},
        Refused{"0 24 * * *", "hours \"24\": must be 0 to 23"},
        Refused{"0 2h * * *", "hours \"2h\": must be 0 to 23"},
        Refused{"0 99999999999 * * *", "hours \"99999999999\": must be"},
        Refused{"0 0 0 * *", "days of the month \"0\": must be 1 to 31"},
        Refused{"0 0 L * *", "days of the month \"l\": must be 1 to 31"},
        Refused{"0 0 * 13 *", "months \"13\": must be 1 to 12 or jan to dec"},
        Refused{"0 0 * mon *", "months \"mon\": must be 1 to 12 or jan to dec"},
        Refused{"0 0 * * 8", "days of the week \"8\": must be 0 to 7 or sun to sat"},
        Refused{"0 0 * * fri#2", "days of the week \"fri#2\": must be"},
        Refused{"0,,5 * * * *", "minutes \"\": must be"}, Refused{"5, * * * *", "minutes \"\": must be"},
        Refused{"1-2-3 * * * *", "minutes \"1-2-3\": must be"},
        Refused{"1- * * * *", "minutes \"1-\": must be"},
        Refused{"*/0 * * * *", "minutes \"*/0\": must be with a step of 1 to 59"},
        Refused{"*/90 * * * *", "minutes \"*/90\": must be with a step of 1 to 59"},
        Refused{"*/ * * * *", "minutes \"*/\": must be with a step of 1 to 59"},
        Refused{"*/2/2 * * * *", "minutes \"*/2/2\": must be with a step of 1 to 59"},
        Refused{"0 0 31 2 *", "never comes: days of the month \"31\" must be days that its months have"},
        Refused{"0 0 30,31 feb *", "never comes"}, Refused{"0 0 31 4,6,9,11 *", "never comes"}));

}  // namespace
}  // namespace batchd::schedule
