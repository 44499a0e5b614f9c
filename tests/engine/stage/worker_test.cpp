#include "engine/stage/worker.hpp"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include "support/manual_clock.hpp"

namespace batchd::engine {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

Progress back_off(std::string why = "busy") {
    return Postponed{.why = std::move(why)};
}
Progress wait_for(Millis delay) {
    return Postponed{.why = "asked to wait", .until = Postponed::Until::delay, .delay = delay};
}
Progress wait_for_wake(Millis at_most) {
    return Postponed{.why = "no room", .until = Postponed::Until::woken_or_delay, .delay = at_most};
}

Progress wait_in_queue(std::string queue) {
    return Postponed{
        .why = "no room", .until = Postponed::Until::woken_or_delay, .delay = 1h, .queue = std::move(queue)};
}

struct WorkerTest : ::testing::Test {
    asio::io_context context{1};
    testing::ManualClock clock{context, TimePoint{1h}};
    Wake wake{context.get_executor()};
    TaskGroup tasks{context.get_executor()};
    std::vector<std::int64_t> rows;
    std::vector<std::pair<std::int64_t, Millis>> begun;  // row and time since the start
    std::vector<std::string> said;
    std::function<asio::awaitable<Progress>(std::int64_t)> work;
    bool find_fails = false;
    unsigned finds = 0;
    std::unique_ptr<Worker> worker;

    ~WorkerTest() override {
        tasks.cancel();
        clock.advance(0s);
        EXPECT_EQ(tasks.size(), 0U);
        EXPECT_EQ(clock.sleepers(), 0U);
    }

    void start(unsigned slots = 1, unsigned spare = 0) {
        const Worker::Options options{.slots = slots, .backoff = {.min = 1s, .max = 8s}, .spare = spare};
        worker = std::make_unique<Worker>(
            clock, wake, options,
            Worker::Stage{
                .find = [this](std::size_t count_max) { return find(count_max); },
                .work = [this](std::int64_t id) { return begin(id); },
                .say = [this](std::int64_t id,
                              const std::string& why) { said.push_back(std::to_string(id) + ": " + why); }});
        tasks.spawn(worker->run());
        clock.advance(0s);
    }
    Result<std::vector<std::int64_t>> find(std::size_t count_max) {
        ++finds;
        if (find_fails) return error(Errc::corrupt, "the database");
        return std::vector(rows.begin(),
                           rows.begin() + static_cast<std::ptrdiff_t>(std::min(count_max, rows.size())));
    }
    asio::awaitable<Progress> begin(std::int64_t id) {
        begun.emplace_back(id, clock.uptime() - 1h);
        return work(id);
    }
    /// Work that takes `time`, and then the row is done.
    void work_takes(Millis time) {
        work = [this, time](std::int64_t id) -> asio::awaitable<Progress> {
            co_await clock.sleep_for(time);
            std::erase(rows, id);
            co_return std::nullopt;
        };
    }
    /// Work that ends at once, as `outcome` says; without an outcome the row is done.
    void work_ends(std::function<Progress(std::int64_t)> outcome) {
        work = [this, outcome](std::int64_t id) -> asio::awaitable<Progress> {
            Progress progress = outcome(id);
            if (!progress) std::erase(rows, id);
            co_return progress;
        };
    }
    std::size_t times(std::int64_t id) const {
        return static_cast<std::size_t>(
            std::count_if(begun.begin(), begun.end(), [&](const auto& b) { return b.first == id; }));
    }
    std::vector<std::int64_t> ids_begun() const {
        std::vector<std::int64_t> ids;
        for (const auto& [id, at] : begun) ids.push_back(id);
        return ids;
    }
    using Ids = std::vector<std::int64_t>;
};

TEST_F(WorkerTest, WorksOnWhatItFindsAtTheStart) {
    rows = {1, 2, 3};
    work_ends([](std::int64_t) { return std::nullopt; });
    start();
    EXPECT_EQ(ids_begun(), (Ids{1, 2, 3}));
}

TEST_F(WorkerTest, WhatComesLaterAndGoesFirstDoesNotWaitForAllThatWereFoundBefore) {
    rows = {1, 2, 3, 4};
    work_takes(2s);
    start();
    rows.insert(rows.begin(), 9);
    wake.raise();
    clock.advance(2s);
    clock.advance(2s);
    EXPECT_EQ(ids_begun(), (Ids{1, 9, 2}));
}

TEST_F(WorkerTest, ARowThatIsInterruptedIsTakenUpAnewAtOnce) {
    rows = {1, 2};
    work_takes(1h);
    start(2);
    clock.advance(10min);
    worker->interrupt(1);
    clock.advance(0s);
    EXPECT_EQ(ids_begun(), (Ids{1, 2, 1}));
    clock.advance(50min);
    EXPECT_EQ(rows, (Ids{1})) << "the other one went on";
    clock.advance(10min);
    EXPECT_TRUE(rows.empty());
    EXPECT_TRUE(said.empty());
}

TEST_F(WorkerTest, ARowThatWaitsIsTakenUpAtOnceWhenItsCaseHasChanged) {
    rows = {1, 2};
    work_ends([](std::int64_t) { return wait_for(1h); });
    start(2);
    worker->take_up(1);
    clock.advance(0s);
    worker->interrupt(1);
    clock.advance(0s);
    EXPECT_EQ(times(1), 3U);
    EXPECT_EQ(times(2), 1U);
}

TEST_F(WorkerTest, TakingUpARowThatIsWorkedOnLeavesTheWorkAlone) {
    rows = {1};
    work_takes(1h);
    start();
    worker->take_up(1);
    clock.advance(1h);
    EXPECT_EQ(times(1), 1U);
    EXPECT_TRUE(rows.empty());
}

TEST_F(WorkerTest, ARowThatWasTakenUpWhileItWasWorkedOnIsNotPutOff) {
    rows = {1};
    work_ends([this](std::int64_t id) -> Progress {
        if (times(1) > 1) return std::nullopt;
        worker->take_up(id);  // what has changed came after the row was read
        return Postponed{.why = "for an hour", .until = Postponed::Until::delay, .delay = 1h};
    });
    start();
    clock.advance(1s);
    EXPECT_EQ(times(1), 2U);
}

TEST_F(WorkerTest, SleepsUntilItIsWoken) {
    work_ends([](std::int64_t) { return std::nullopt; });
    start();
    rows = {1};
    clock.advance(10h);
    EXPECT_TRUE(begun.empty());
    EXPECT_EQ(finds, 1U) << "idle means idle";
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(ids_begun(), Ids{1});
}

TEST_F(WorkerTest, WorksOnNoMoreRowsAtOnceThanItHasSlots) {
    rows = {1, 2, 3, 4, 5};
    work_takes(10s);
    start(2);
    EXPECT_EQ(ids_begun(), (Ids{1, 2}));
    clock.advance(9s);
    EXPECT_EQ(begun.size(), 2U);
    clock.advance(1s);
    EXPECT_EQ(ids_begun(), (Ids{1, 2, 3, 4}));
    clock.advance(10s);
    EXPECT_EQ(ids_begun(), (Ids{1, 2, 3, 4, 5}));
}

TEST_F(WorkerTest, DoesNotBeginARowTwiceAtTheSameTime) {
    rows = {1};
    work_takes(10s);
    start(4);
    wake.raise();
    clock.advance(5s);
    EXPECT_EQ(times(1), 1U);
}

TEST_F(WorkerTest, RemembersAWakeThatCameWhileItWasBusy) {
    rows = {1};
    work_takes(10s);
    start(2);
    rows.push_back(2);
    wake.raise();
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(ids_begun(), (Ids{1, 2}));
}

TEST_F(WorkerTest, BacksOffLongerEachTime) {
    rows = {1};
    work_ends([](std::int64_t) { return back_off(); });
    start();
    clock.advance(1s);
    EXPECT_GE(times(1), 2U) << "a quarter at most is taken off";
    clock.advance(1h);
    ASSERT_GT(begun.size(), 10U);
    for (std::size_t i = 1; i + 1 < begun.size(); ++i) {
        const Millis gap = begun[i].second - begun[i - 1].second;
        const Millis whole = std::min<Millis>(8s, Millis(1s) * (1 << std::min<std::size_t>(i - 1, 3)));
        EXPECT_LE(gap, whole);
        EXPECT_GE(gap, whole * 3 / 4 - 1ms);
    }
}

TEST_F(WorkerTest, BeginsWithTheShortestBackoffAgainAfterASuccess) {
    rows = {1};
    int fails = 3;
    work_ends([&](std::int64_t) { return fails-- > 0 ? back_off() : std::nullopt; });
    start();
    clock.advance(1min);
    EXPECT_TRUE(rows.empty());
    fails = 1;
    rows = {1};
    begun.clear();
    wake.raise();
    clock.advance(1s);
    EXPECT_EQ(times(1), 2U);
}

TEST_F(WorkerTest, KeepsCountingFailuresThroughAWaitThatWasAskedFor) {
    rows = {1};
    int call = 0;
    work_ends([&](std::int64_t) { return ++call % 2 == 1 ? back_off() : wait_for(1s); });
    start();
    clock.advance(1h);
    const Millis gap = begun[begun.size() - 1].second - begun[begun.size() - 2].second;
    const Millis other = begun[begun.size() - 2].second - begun[begun.size() - 3].second;
    EXPECT_GE(std::max(gap, other), 6s) << "the back-off grew to its most";
}

TEST_F(WorkerTest, WaitsAsLongAsItIsAskedTo) {
    rows = {1};
    work_ends([](std::int64_t) { return wait_for(42s); });
    start();
    clock.advance(41s);
    EXPECT_EQ(times(1), 1U);
    clock.advance(1s);
    EXPECT_EQ(times(1), 2U);
}

TEST_F(WorkerTest, AWakeEndsNoBackoffAndNoDelay) {
    rows = {1, 2};
    work_ends([](std::int64_t id) { return id == 1 ? wait_for(1min) : back_off(); });
    start(2);
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(begun.size(), 2U);
}

TEST_F(WorkerTest, AWakeEndsTheWaitForRoom) {
    rows = {1};
    work_ends([](std::int64_t) { return wait_for_wake(1h); });
    start();
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(times(1), 2U);
    clock.advance(59min);
    EXPECT_EQ(times(1), 2U);
    clock.advance(1min);
    EXPECT_EQ(times(1), 3U) << "and so does the time";
}

TEST_F(WorkerTest, AWakeTriesTheFirstFewOfAQueueHoweverManyWait) {
    for (std::int64_t id = 1; id <= 800; ++id) rows.push_back(id);
    bool has_room = false;
    work_ends([&](std::int64_t) { return has_room ? std::nullopt : wait_in_queue("m"); });
    start(2);
    EXPECT_EQ(begun.size(), 800U) << "each was looked at once";
    EXPECT_EQ(said.size(), 1U) << "and the reason is said once";
    begun.clear();
    finds = 0;
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(ids_begun(), (Ids{1, 2}));
    EXPECT_EQ(finds, 1U);
    has_room = true;
    wake.raise();
    clock.advance(0s);
    EXPECT_TRUE(rows.empty()) << "each that went on was followed by the next";
}

TEST_F(WorkerTest, WhatComesWhileManyWaitIsFoundAtTheNextWake) {
    for (std::int64_t id = 1; id <= 300; ++id) rows.push_back(id);
    work_ends([](std::int64_t id) { return id <= 300 ? wait_in_queue("m") : std::nullopt; });
    start(2);
    for (std::int64_t id = 301; id <= 500; ++id) rows.push_back(id);
    wake.raise();
    clock.advance(0s);
    EXPECT_EQ(rows.size(), 300U);
}

TEST_F(WorkerTest, ARowThatIsInItsStatesAgainWhenTheWorkEndsIsTakenUpAgain) {
    rows = {1};
    work = [this](std::int64_t) -> asio::awaitable<Progress> {
        co_await clock.sleep_for(10s);
        if (begun.size() == 2) rows.clear();
        co_return std::nullopt;
    };
    start(2);
    wake.raise();
    clock.advance(10s);
    EXPECT_EQ(times(1), 2U);
}

TEST_F(WorkerTest, TheEndOfAnotherRowIsNoWake) {
    rows = {1, 2};
    work = [this](std::int64_t id) -> asio::awaitable<Progress> {
        if (id == 1) co_return wait_for_wake(1h);
        co_await clock.sleep_for(5s);
        std::erase(rows, id);
        co_return std::nullopt;
    };
    start(2);
    clock.advance(10s);
    EXPECT_EQ(times(1), 1U);
}

TEST_F(WorkerTest, ARowThatFailsDoesNotHoldUpTheOthers) {
    rows = {1, 2, 3};
    work_ends([](std::int64_t id) { return id == 1 ? back_off() : std::nullopt; });
    start(1);
    EXPECT_EQ(ids_begun(), (Ids{1, 2, 3}));
}

TEST_F(WorkerTest, ManyRowsThatFailDoNotHideTheOneBehindThem) {
    for (std::int64_t id = 1; id <= 500; ++id) rows.push_back(id);
    work_ends([](std::int64_t id) { return id < 500 ? wait_for(1h) : std::nullopt; });
    start(2);
    EXPECT_EQ(times(500), 1U);
    EXPECT_EQ(begun.size(), 500U);
}

TEST_F(WorkerTest, ARowThatIsDueWhileAllSlotsAreTakenBeginsWhenOneIsFree) {
    rows = {1, 2};
    work = [this](std::int64_t id) -> asio::awaitable<Progress> {
        if (id == 1) co_return wait_for(1s);
        co_await clock.sleep_for(10s);
        std::erase(rows, id);
        co_return std::nullopt;
    };
    start(1);
    clock.advance(9s);
    EXPECT_EQ(times(1), 1U);
    EXPECT_LE(finds, 3U) << "a full stage does not look again and again";
    clock.advance(1s);
    EXPECT_EQ(times(1), 2U);
}

TEST_F(WorkerTest, SaysAReasonOnceUntilItIsAnother) {
    rows = {1};
    int call = 0;
    work_ends([&](std::int64_t) { return back_off(++call <= 3 ? "first" : "second"); });
    start();
    clock.advance(1h);
    EXPECT_EQ(said, (std::vector<std::string>{"1: first", "1: second"}));
}

TEST_F(WorkerTest, BacksOffWhenItCannotFindRowsAndGoesOnWhenItCan) {
    rows = {1};
    work_ends([](std::int64_t) { return std::nullopt; });
    find_fails = true;
    start();
    clock.advance(1min);
    EXPECT_LE(finds, 14U);
    EXPECT_GE(finds, 8U);
    find_fails = false;
    clock.advance(8s);
    EXPECT_EQ(ids_begun(), Ids{1});
}

TEST_F(WorkerTest, AWakeDoesNotMakeItSpinWhileItCannotFindRows) {
    find_fails = true;
    start();
    const unsigned before = finds;
    for (int i = 0; i < 10; ++i) {
        wake.raise();
        clock.advance(0s);
    }
    EXPECT_EQ(finds, before);
}

TEST_F(WorkerTest, WhatSomebodyAsksForWaitsForNoSlotWhereThereAreSpareOnes) {
    rows = {1, 2, 3};
    work_takes(10h);
    start(1, 1);
    EXPECT_EQ(begun.size(), 1U);
    worker->take_up(3);
    clock.advance(0s);
    EXPECT_EQ(times(3), 1U);
    worker->take_up(2);
    clock.advance(1h);
    EXPECT_EQ(times(2), 0U) << "there is one spare slot";
    clock.advance(9h);
    EXPECT_EQ(times(2), 1U);
    clock.advance(10h);
    EXPECT_EQ(begun.size(), 3U) << "each once";
    EXPECT_TRUE(rows.empty());
}

TEST_F(WorkerTest, WhatIsBrokenOffInASpareSlotGoesOnInOne) {
    rows = {1, 2};
    work_takes(10h);
    start(1, 1);
    worker->take_up(2);
    clock.advance(1s);
    worker->interrupt(2);
    clock.advance(1s);
    EXPECT_EQ(times(2), 2U) << "the first holds its slot for hours";
}

TEST_F(WorkerTest, ACancelEndsTheLoopAndTheWork) {
    rows = {1, 2, 3};
    work_takes(10s);
    start(2);
    tasks.cancel();
    clock.advance(0s);
    EXPECT_EQ(tasks.size(), 0U);
    EXPECT_EQ(clock.sleepers(), 0U);
    EXPECT_EQ(rows.size(), 3U) << "nothing was done by halves";
}

TEST(PostponedTest, AFailureWaitsAsLongAsTheProviderAsks) {
    const provider::Failure failure{.kind = provider::FailureKind::rate_limited, .retry_after = 7s};
    const Postponed result = postponed(failure, "upload");
    EXPECT_EQ(result.until, Postponed::Until::delay);
    EXPECT_EQ(result.delay, 7s);
}

TEST(PostponedTest, AFailureBacksOffWhereTheProviderAsksForNothing) {
    const provider::Failure failure{.kind = provider::FailureKind::unreachable, .message = "no route"};
    EXPECT_EQ(postponed(failure, "upload").until, Postponed::Until::backoff);
    EXPECT_EQ(postponed(failure, "upload").why, "upload: no route");
}

TEST(PostponedTest, AWaitOfNoTimeIsABackoff) {
    const provider::Failure failure{.kind = provider::FailureKind::rate_limited, .retry_after = 0s};
    EXPECT_EQ(postponed(failure, "upload").until, Postponed::Until::backoff);
}

}  // namespace
}  // namespace batchd::engine
