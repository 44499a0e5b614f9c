#include "engine/watch/absence.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

/// All that is needed to believe it.
AbsenceSeen proven() {
    return {.in_own_words = true,
            .missing_since = kNow - kAbsenceProves,
            .looks = kAbsenceLooksMin,
            .submitted_at = kNow - 24h,
            .same_account = true,
            .other_is_there = true};
}

TEST(AbsenceTest, IsBelievedWhenNothingSpeaksAgainstIt) {
    EXPECT_EQ(judge_absence(proven(), kNow), Absence::gone);
}

TEST(AbsenceTest, IsBelievedInOneOfAllCasesOnly) {
    for (unsigned bits = 0; bits < 64; ++bits) {
        const auto bit = [&](unsigned nth) { return (bits >> nth & 1U) != 0; };
        AbsenceSeen seen = proven();
        seen.in_own_words = bit(0);
        seen.missing_since = bit(1) ? kNow - kAbsenceProves : kNow - kAbsenceProves + 1ms;
        seen.submitted_at = bit(2) ? kNow - kAbsenceOfNewMeansNothing : kNow - 1min;
        seen.same_account = bit(3);
        seen.other_is_there = bit(4);
        seen.looks = bit(5) ? kAbsenceLooksMin : kAbsenceLooksMin - 1;
        EXPECT_EQ(judge_absence(seen, kNow) == Absence::gone, bits == 63) << bits;
    }
}

TEST(AbsenceTest, APageOnTheWaySaysNothing) {
    AbsenceSeen seen = proven();
    seen.in_own_words = false;
    EXPECT_EQ(judge_absence(seen, kNow), Absence::says_nothing);
}

TEST(AbsenceTest, ANewBatchIsOnlyNew) {
    AbsenceSeen seen = proven();
    seen.submitted_at = kNow - 9min;
    EXPECT_EQ(judge_absence(seen, kNow), Absence::says_nothing);
    seen.same_account = false;
    EXPECT_EQ(judge_absence(seen, kNow), Absence::held) << "with another key, its age explains nothing";
}

TEST(AbsenceTest, TheFirstTimeIsOnlyRemembered) {
    AbsenceSeen seen = proven();
    seen.missing_since.reset();
    EXPECT_EQ(judge_absence(seen, kNow), Absence::missing);
}

TEST(AbsenceTest, FromTheSecondTimeOnSomebodyHasToKnow) {
    AbsenceSeen seen = proven();
    seen.missing_since = kNow - 1min;
    EXPECT_EQ(judge_absence(seen, kNow), Absence::held);
    EXPECT_NE(why_held_missing(seen, kNow, "provider.eu.base_url").find("since 2026-11-21T23:59:00Z"),
              std::string::npos);
    EXPECT_NE(why_held_missing(seen, kNow, "provider.eu.base_url").find("check provider.eu.base_url"),
              std::string::npos);
}

TEST(AbsenceTest, WithAnotherKeyOrWithoutAnyOtherBatchItIsHeldForEver) {
    for (const bool same_account : {true, false}) {
        AbsenceSeen seen = proven();
        seen.missing_since = kNow - 1000h;
        seen.submitted_at = kNow - 1000h;
        seen.same_account = same_account;
        seen.other_is_there = !same_account;
        EXPECT_EQ(judge_absence(seen, kNow), Absence::held);
        EXPECT_EQ(
            why_held_missing(seen, kNow, "provider.eu.base_url").find("another key") == std::string::npos,
            same_account);
    }
}

}  // namespace
}  // namespace batchd::engine
