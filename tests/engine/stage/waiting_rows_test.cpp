#include "engine/stage/waiting_rows.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

Postponed backed_off(std::string why = "busy") {
    return {.why = std::move(why)};
}
Postponed in_queue(std::string queue, Millis at_most = 1h) {
    return {.why = "no room",
            .until = Postponed::Until::woken_or_delay,
            .delay = at_most,
            .queue = std::move(queue)};
}

struct WaitingRowsTest : ::testing::Test {
    bool postpone(std::int64_t id, const Postponed& postponed, Millis now = 0s) {
        return rows.postpone(id, postponed, now, 0);
    }
    std::vector<std::int64_t> take_all(Millis now) {
        std::vector<std::int64_t> ids;
        while (const auto id = rows.take_due(now)) ids.push_back(*id);
        return ids;
    }
    using Ids = std::vector<std::int64_t>;
    WaitingRows rows{Backoff{1s, 8s}, 2};
};

TEST_F(WaitingRowsTest, ARowIsDueAfterItsBackoffAndBackedOffLongerTheNextTime) {
    EXPECT_TRUE(postpone(1, backed_off()));
    EXPECT_EQ(rows.next_due(), Millis(1s));
    EXPECT_TRUE(take_all(999ms).empty());
    EXPECT_EQ(take_all(1s), Ids{1});
    EXPECT_FALSE(rows.next_due()) << "it is in work";
    EXPECT_FALSE(postpone(1, backed_off(), 1s)) << "the reason is the same";
    EXPECT_EQ(rows.next_due(), Millis(3s));
}

TEST_F(WaitingRowsTest, TheRowThatIsDueForTheLongestTimeComesFirst) {
    postpone(1, {.why = "later", .until = Postponed::Until::delay, .delay = 3s});
    postpone(2, {.why = "sooner", .until = Postponed::Until::delay, .delay = 2s});
    EXPECT_EQ(take_all(5s), (Ids{2, 1}));
}

TEST_F(WaitingRowsTest, OfAQueueAWakeTriesTheFirstFewOnly) {
    for (const std::int64_t id : {9, 3, 5, 7}) postpone(id, in_queue("m"));
    EXPECT_TRUE(take_all(1min).empty());
    rows.wake();
    EXPECT_EQ(take_all(1min), (Ids{3, 5}));
    rows.wake();
    EXPECT_TRUE(take_all(1min).empty()) << "two are being tried already";
}

TEST_F(WaitingRowsTest, OfAQueueTheHighestPriorityIsTriedFirst) {
    Postponed urgent = in_queue("m"), late = in_queue("m");
    urgent.priority = 5;
    late.priority = -5;
    postpone(1, late);
    postpone(2, in_queue("m"));
    postpone(3, urgent);
    rows.wake();
    EXPECT_EQ(take_all(1min), (Ids{3, 2}));
    rows.went_on(3);
    EXPECT_EQ(take_all(1min), Ids{1});
}

TEST_F(WaitingRowsTest, EachQueueIsTriedByItself) {
    for (const std::int64_t id : {1, 2, 3}) postpone(id, in_queue("a"));
    for (const std::int64_t id : {4, 5, 6}) postpone(id, in_queue("b"));
    rows.wake();
    EXPECT_EQ(take_all(1min), (Ids{1, 2, 4, 5}));
}

TEST_F(WaitingRowsTest, TheNextOneIsTriedWhenOneWentOn) {
    for (const std::int64_t id : {1, 2, 3, 4}) postpone(id, in_queue("m"));
    rows.wake();
    EXPECT_EQ(take_all(0s), (Ids{1, 2}));
    postpone(1, in_queue("m"));
    EXPECT_TRUE(take_all(0s).empty()) << "there is no room for the next one either";
    rows.went_on(2);
    EXPECT_EQ(take_all(0s), Ids{1}) << "the first of those that are left";
    rows.went_on(1);
    EXPECT_EQ(take_all(0s), Ids{3});
}

TEST_F(WaitingRowsTest, TheNextOneIsTriedWhenOneWaitsForSomethingElse) {
    for (const std::int64_t id : {1, 2, 3}) postpone(id, in_queue("m"));
    rows.wake();
    EXPECT_EQ(take_all(0s), (Ids{1, 2}));
    postpone(1, backed_off("upload: no route"));
    EXPECT_EQ(take_all(0s), Ids{3});
}

TEST_F(WaitingRowsTest, AQueueIsTriedAfterTheShortestDelayThoughNobodyWakesIt) {
    postpone(1, in_queue("m", 1h));
    postpone(2, in_queue("m", 1min));
    EXPECT_EQ(rows.next_due(), Millis(1min));
    EXPECT_EQ(take_all(1min), (Ids{1, 2}));
    postpone(1, in_queue("m", 1h), 1min);
    EXPECT_EQ(rows.next_due(), Millis(1h + 1min));
}

TEST_F(WaitingRowsTest, ARowThatIsTakenUpWaitsForNothingAndForgetsItsFailures) {
    postpone(1, in_queue("m"));
    for (int i = 0; i < 5; ++i) postpone(2, backed_off());
    rows.take_up(1);
    rows.take_up(2);
    EXPECT_EQ(take_all(0s), (Ids{1, 2}));
    EXPECT_TRUE(rows.waits().empty());
    postpone(2, backed_off());
    EXPECT_EQ(rows.next_due(), Millis(1s));
}

TEST_F(WaitingRowsTest, WhereOneThatWasTriedIsTakenUpTheNextOneIsTried) {
    for (const std::int64_t id : {1, 2, 3}) postpone(id, in_queue("m"));
    rows.wake();
    rows.take_up(1);
    EXPECT_EQ(take_all(0s), (Ids{1, 2, 3}));
}

TEST_F(WaitingRowsTest, AReasonIsNewOfTheRowOrOfItsQueue) {
    EXPECT_TRUE(postpone(1, backed_off("first")));
    EXPECT_TRUE(postpone(2, backed_off("first")));
    EXPECT_TRUE(postpone(2, backed_off("second")));
    EXPECT_TRUE(postpone(3, in_queue("m")));
    EXPECT_FALSE(postpone(4, in_queue("m")));
    rows.went_on(3);
    rows.went_on(4);
    EXPECT_TRUE(postpone(5, in_queue("m")));
}

TEST_F(WaitingRowsTest, TellsWhatItsRowsWaitForAndSinceWhen) {
    postpone(4, in_queue("m"), 10s);
    postpone(2, in_queue("m"), 20s);
    postpone(1, backed_off(), 30s);
    ASSERT_EQ(rows.waits().size(), 2U);
    EXPECT_EQ(rows.waits().at("no room").rows, (std::set<std::int64_t>{2, 4}));
    EXPECT_EQ(rows.waits().at("no room").since, Millis(10s));
    rows.went_on(4);
    rows.went_on(2);
    rows.went_on(1);
    EXPECT_TRUE(rows.waits().empty());
    EXPECT_EQ(rows.size(), 0U);
    EXPECT_FALSE(rows.next_due());
}

}  // namespace
}  // namespace batchd::engine
