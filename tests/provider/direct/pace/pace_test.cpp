#include "provider/direct/pace/pace.hpp"

#include <functional>
#include <queue>
#include <vector>

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

using namespace std::chrono_literals;

/// A server that takes so many at once and refuses the rest after ten milliseconds; in virtual time.
class VirtualServer {
public:
    VirtualServer(Pace& pace, unsigned at_once) : capacity(at_once), pace_(pace) {}

    /// Keeps the pace busy until `end`.
    void run_until(Millis end) {
        while (now < end) {
            auto admission = pace_.admit(1, now);
            if (admission.start) {
                take(*admission.start);
                continue;
            }
            const Millis wake = now + admission.wait.value_or(end - now);
            const Millis next = ends_.empty() ? wake : std::min(wake, ends_.top().at);
            now = std::min(next, end);
            while (!ends_.empty() && ends_.top().at <= now) finish();
        }
    }

    unsigned capacity;
    Millis now = 1000s;
    unsigned answered = 0;
    unsigned refused = 0;

private:
    struct Ending {
        Millis at;
        Pace::Start start;
        bool is_refusal;
        bool operator>(const Ending& other) const { return at > other.at; }
    };

    void take(const Pace::Start& start) {
        const bool is_refusal = busy_ >= capacity;
        if (!is_refusal) ++busy_;
        // Answers take from 700 to 1300 ms, by a rule that looks like chance and is not.
        chance_ = chance_ * 1'103'515'245U + 12'345U;
        const Millis takes = is_refusal ? 10ms : Millis(700 + (chance_ >> 16U) % 600);
        ends_.push({now + takes, start, is_refusal});
    }

    void finish() {
        const Ending ending = ends_.top();
        ends_.pop();
        if (!ending.is_refusal) --busy_;
        ++(ending.is_refusal ? refused : answered);
        pace_.report(ending.start, {.load = ending.is_refusal ? Load::refused : Load::answered}, now, 0.5);
    }

    Pace& pace_;
    unsigned busy_ = 0;
    std::uint32_t chance_ = 1;
    std::priority_queue<Ending, std::vector<Ending>, std::greater<>> ends_;
};

TEST(PaceTest, FindsWhatAServerTakesAtOnce) {
    Pace pace({.max_in_flight = 64});
    VirtualServer server(pace, 16);
    server.run_until(server.now + 20s);
    server.answered = server.refused = 0;
    server.run_until(server.now + 600s);
    EXPECT_GE(server.answered, 600U * 16 * 9 / 10) << "of what sixteen at once would do";
    EXPECT_LE(server.refused * 50, server.answered) << "two in a hundred";
}

TEST(PaceTest, FollowsAServerThatHalvesAndDoubles) {
    Pace pace({.max_in_flight = 64});
    VirtualServer server(pace, 40);
    server.run_until(server.now + 60s);
    server.capacity = 20;
    server.run_until(server.now + 20s);
    server.answered = server.refused = 0;
    server.run_until(server.now + 60s);
    EXPECT_GE(server.answered, 60U * 20 * 9 / 10);
    server.capacity = 40;
    server.run_until(server.now + 20s);
    server.answered = server.refused = 0;
    server.run_until(server.now + 60s);
    EXPECT_GE(server.answered, 60U * 40 * 9 / 10);
}

TEST(PaceTest, KeepsToTheCeilingWhereNothingIsEverRefused) {
    Pace pace({.max_in_flight = 8});
    VirtualServer server(pace, 1000);
    server.run_until(server.now + 100s);
    EXPECT_EQ(pace.limit(), 8U);
    EXPECT_LE(pace.in_flight(), 8U);
    EXPECT_GE(server.answered, 700U);
}

TEST(PaceTest, AServerThatRefusesEverythingIsLeftAloneForLongerAndLonger) {
    Pace pace({.max_in_flight = 64});
    VirtualServer server(pace, 0);
    server.run_until(server.now + 3600s);
    EXPECT_LE(server.refused, 100U) << "an hour in pauses of a minute";
    server.capacity = 16;
    server.run_until(server.now + 120s);
    EXPECT_GE(server.answered, 500U);
}

Pace::Start start(Pace& pace, Millis now) {
    return pace.admit(1, now).start.value();
}

TEST(PaceTest, WaitsAsLongAsTheServerAsks) {
    Pace pace({.max_in_flight = 4});
    const auto first = start(pace, 1000s);
    pace.report(first, {.load = Load::refused, .wait = 7s}, 1001s, 0);
    const auto admission = pace.admit(1, 1001s);
    EXPECT_FALSE(admission.start);
    EXPECT_EQ(admission.wait, 7s);
    EXPECT_TRUE(pace.admit(1, 1008s).start);
}

TEST(PaceTest, AShorterWaitDoesNotEndALongerOne) {
    Pace pace({.max_in_flight = 4});
    const auto first = start(pace, 1000s);
    const auto second = start(pace, 1000s);
    pace.report(first, {.load = Load::refused, .wait = 60s}, 1000s, 0);
    pace.report(second, {.load = Load::refused, .wait = 1s}, 1000s, 0);
    EXPECT_EQ(pace.admit(1, 1000s).wait, 60s);
}

TEST(PaceTest, ARefusalHoldsUpNobodyWhileOthersAreUnderWay) {
    Pace pace({.max_in_flight = 4});
    const auto first = start(pace, 1000s);
    const auto second = start(pace, 1000s);
    pace.report(second, {.load = Load::refused}, 1000s, 0);
    EXPECT_FALSE(pace.admit(1, 1000s).wait) << "room is made by the end of the other";
    pace.report(first, {.load = Load::answered}, 1001s, 0);
    EXPECT_TRUE(pace.admit(1, 1001s).start);
}

/// Two are under way, a third was refused twice without an answer in between.
struct PausedPace : ::testing::Test {
    void refuse_twice(std::optional<Millis> wait) {
        const auto third = start(pace, 1000s);
        pace.report(third, {.load = Load::refused, .wait = wait}, 1000s, 0);
        pace.report(second, {.load = Load::other}, 1000s, 0);
        const auto again = start(pace, 1010s);
        pace.report(again, {.load = Load::refused, .wait = wait}, 1010s, 0);
    }
    Pace pace{{.max_in_flight = 4}};
    Pace::Start first = start(pace, 1000s);
    Pace::Start second = start(pace, 1000s);
};

TEST_F(PausedPace, IsOverWithTheNextAnswer) {
    refuse_twice(std::nullopt);
    EXPECT_GT(pace.paused_until(), Millis(1010s));
    pace.report(first, {.load = Load::answered}, 1010s + 20ms, 0);
    EXPECT_TRUE(pace.admit(1, 1010s + 20ms).start);
}

TEST_F(PausedPace, IsNotOverBeforeTheTimeThatTheServerNamed) {
    refuse_twice(5s);
    pace.report(first, {.load = Load::answered}, 1010s + 20ms, 0);
    EXPECT_FALSE(pace.admit(1, 1014s).start);
    EXPECT_TRUE(pace.admit(1, 1015s).start);
}

TEST(PaceTest, OneRowThatFailsAgainAndAgainSlowsNobodyDown) {
    Pace pace({.max_in_flight = 4});
    for (int i = 0; i < 20; ++i) {
        const auto good = start(pace, 1000s);
        const auto bad = start(pace, 1000s);
        pace.report(bad, {.load = Load::failing}, 1000s, 0);
        pace.report(good, {.load = Load::answered}, 1000s, 0);
    }
    EXPECT_EQ(pace.limit(), 4U);
    EXPECT_TRUE(pace.admit(1, 1000s).start);
}

TEST(PaceTest, AServerThatFailsWithEverythingIsSlowedDown) {
    Pace pace({.max_in_flight = 4});
    Millis now = 1000s;
    unsigned sent = 0;
    while (now < 1600s) {
        const auto admission = pace.admit(1, now);
        if (admission.start) {
            ++sent;
            pace.report(*admission.start, {.load = Load::failing}, now, 0.5);
        }
        now += admission.wait.value_or(10ms);
    }
    EXPECT_LE(sent, 40U);
}

TEST(PaceTest, AnOutageOfTenMinutesIsLostOnFewRequests) {
    Pace pace({.max_in_flight = 64});
    VirtualServer server(pace, 1000);
    server.run_until(server.now + 60s);
    ASSERT_EQ(pace.limit(), 64U);
    std::vector<Pace::Start> under_way;
    Millis now = server.now;
    while (const auto admission = pace.admit(1, now).start) under_way.push_back(*admission);
    for (const Pace::Start& one : under_way) pace.report(one, {.load = Load::failing}, now, 0.5);
    unsigned sent = 0;
    for (const Millis end = now + 600s; now < end;) {
        const auto admission = pace.admit(1, now);
        if (admission.start) {
            ++sent;
            pace.report(*admission.start, {.load = Load::failing}, now, 0.5);
        }
        now += admission.wait.value_or(10ms);
    }
    EXPECT_LT(sent, 64U) << "one more of each: none of the sixty-four fails for good";
}

/// The longest pause of a server that fails with everything, until `end`.
Millis longest_pause(Pace& pace, Millis now, Millis end) {
    Millis longest{};
    while (now < end) {
        const auto admission = pace.admit(1, now);
        if (admission.start) pace.report(*admission.start, {.load = Load::failing}, now, 1);
        longest = std::max(longest, admission.wait.value_or(0ms));
        now += admission.wait.value_or(0ms);
    }
    return longest;
}

TEST(PaceTest, APauseOfOursIsNoLongerThanItMayBe) {
    Pace pace({.max_in_flight = 4, .pause_max = 2s});
    EXPECT_EQ(longest_pause(pace, 1000s, 1600s), 2s);
}

TEST(PaceTest, AServerThatHasAnsweredLatelyIsAskedSoonerForItMayBeTheRows) {
    Pace pace({.max_in_flight = 4});
    pace.report(start(pace, 1000s), {.load = Load::answered}, 1000s, 0);
    EXPECT_EQ(longest_pause(pace, 1000s, 1500s), 15s);
    EXPECT_EQ(longest_pause(pace, 1600s, 3000s), 60s);
}

TEST(PaceTest, RequestsAndTokensAMinuteAreKept) {
    Pace requests({.max_in_flight = 64, .requests_per_minute = 120});
    VirtualServer server(requests, 1000);
    server.run_until(server.now + 60s);
    EXPECT_NEAR(server.answered, 120, 4);
    Pace tokens({.max_in_flight = 64, .tokens_per_minute = 60});
    VirtualServer other(tokens, 1000);
    other.run_until(other.now + 60s);
    EXPECT_NEAR(other.answered, 60, 3);
}

TEST(PaceTest, WhereItIsBarredNothingGoesUntilItIsLetGoAndThenOneFirst) {
    Pace pace({.max_in_flight = 4});
    const auto under_way = start(pace, 1000s);
    pace.bar();
    const auto barred = pace.admit(1, 9000s);
    EXPECT_FALSE(barred.start);
    EXPECT_FALSE(barred.wait) << "no time ends it";
    pace.report(under_way, {.load = Load::answered}, 9000s, 0);
    pace.let_go();
    const auto first = start(pace, 9000s);
    EXPECT_FALSE(pace.admit(1, 9000s).start);
    pace.report(first, {.load = Load::answered}, 9001s, 0);
    EXPECT_TRUE(pace.admit(1, 9001s).start);
    EXPECT_TRUE(pace.admit(1, 9001s).start);
}

TEST(PaceTest, OtherLimitsHoldFromThenOnAndWhatIsUnderWayGoesOn) {
    Pace pace({.max_in_flight = 2});
    const auto first = start(pace, 1000s);
    const auto second = start(pace, 1000s);
    EXPECT_FALSE(pace.admit(1, 1000s).start);
    pace.set_limits({.max_in_flight = 1});
    pace.report(first, {.load = Load::answered}, 1000s, 0);
    EXPECT_FALSE(pace.admit(1, 1000s).start);
    pace.report(second, {.load = Load::answered}, 1000s, 0);
    pace.set_limits({.max_in_flight = 64, .requests_per_minute = 60});
    for (int i = 0; i < 3; ++i) {
        const Millis now = 1001s + i * 1s;
        const auto one = start(pace, now);
        pace.report(one, {.load = Load::answered}, now, 0);
        EXPECT_GT(pace.admit(1, now).wait, 0ms) << "one a second";
    }
    EXPECT_GT(pace.limit(), 1U) << "it may grow again";
}

TEST(PaceTest, StopsBeforeAServersAllowanceIsUsedUp) {
    Pace pace({.max_in_flight = 64});
    const auto first = start(pace, 1000s);
    Feedback feedback{.load = Load::answered};
    feedback.rates.requests = {.limit = 60, .remaining = 3};
    pace.report(first, feedback, 1000s, 0);
    int sent = 0;
    while (pace.admit(1, 1000s).start) ++sent;
    EXPECT_EQ(sent, 3);
}

}  // namespace
}  // namespace batchd::provider::direct
