#include "engine/release/releaser.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

/// The planner and the releaser of a queue that is sent at six in the evening.
struct ReleaserTest : EngineFixture {
    ReleaserTest() {
        settings.queues["nightly"].schedule = "0 18 * * *";
        settings.queues["nightly"].timezone = "UTC";
    }
    ~ReleaserTest() override { crash(); }

    void start() {
        planner = std::make_unique<Planner>(
            planner_ports(), [](store::JobId) { return false; }, Intake::Mode::daemon);
        releaser = std::make_unique<Releaser>(
            Releaser::Ports{settings, layout, *store, clock, pool, *journal, wakes, waiting});
        tasks->spawn(planner->run());
        tasks->spawn(releaser->run());
        settle();
    }
    store::JobId claim(const std::string& name) {
        const store::JobId id = add_claimed(name, request_line("a") + "\n").id;
        EXPECT_TRUE(store->database.run("UPDATE jobs SET queue = 'nightly' WHERE id = ?", id));
        return id;
    }
    /// One more is claimed, and planned.
    store::JobId add(const std::string& name) {
        const store::JobId id = claim(name);
        wakes.planner.raise();
        settle();
        return id;
    }
    /// As a clock that was ahead has left it.
    void take_in_2038(store::JobId id) {
        const TimePoint then = std::chrono::sys_days(std::chrono::year(2038) / 1 / 19);
        ASSERT_TRUE(store->database.run("UPDATE jobs SET created_at = ? WHERE id = ?", then, id));
    }
    bool waits(store::JobId id) { return job(id).waits; }
    TimePoint at_six() const { return std::chrono::floor<std::chrono::days>(clock.now()) + 18h; }

    std::unique_ptr<Planner> planner;
    std::unique_ptr<Releaser> releaser;
};

TEST_F(ReleaserTest, AFileBehindOthersIsOnRecordWithTheirMomentAndWakesNobody) {
    start();
    const store::JobId first = add("first");
    EXPECT_EQ(job(first).not_before, at_six());
    const auto looks = wakes.releaser.times_raised();
    for (const char* name : {"second", "third"}) EXPECT_EQ(job(add(name)).not_before, at_six());
    EXPECT_EQ(wakes.releaser.times_raised(), looks);
    EXPECT_EQ(waiting.in("nightly").files, 3U);
}

TEST_F(ReleaserTest, AllOfThemGoWhenTheTimeHasCome) {
    start();
    for (const char* name : {"first", "second", "third"}) add(name);
    ASSERT_TRUE(eventually([&] { return count_events(EventKind::queue_released) == 1; }, 24h));
    EXPECT_EQ(detail_of_last(EventKind::queue_released), "nightly: 3 requests of 3 files: its schedule");
    for (int id = 1; id <= 3; ++id) {
        EXPECT_FALSE(job(store::JobId{id}).waits);
        EXPECT_EQ(batches_of(store::JobId{id}).size(), 1U);
    }
    EXPECT_EQ(waiting.in("nightly").files, 0U);
    const store::JobId next = add("next");
    EXPECT_EQ(job(next).not_before, at_six() + 24h);
}

TEST_F(ReleaserTest, TheFileThatMakesItEnoughTakesTheOthersAlong) {
    settings.queues["nightly"].collect_requests = 3;
    start();
    add("first"), add("second");
    EXPECT_EQ(count_events(EventKind::queue_released), 0U);
    add("third");
    EXPECT_EQ(detail_of_last(EventKind::queue_released), "nightly: 3 requests of 3 files: 3 requests wait");
    add("fourth");
    EXPECT_EQ(count_events(EventKind::queue_released), 1U) << "it is counted from one again";
}

TEST_F(ReleaserTest, WhatWaitedBeforeTheStartIsCounted) {
    settings.queues["nightly"].collect_requests = 3;
    start();
    add("first"), add("second");
    crash();
    waiting = WaitingTally();
    start();
    EXPECT_EQ(waiting.in("nightly").requests, 2U);
    add("third");
    EXPECT_EQ(count_events(EventKind::queue_released), 1U);
}

TEST_F(ReleaserTest, WhatIsStillBeingReadGoesAlong) {
    start();
    add("first");
    const store::JobId late = claim("late");  // and nobody tells the planner
    ASSERT_TRUE(store->database.run("UPDATE jobs SET created_at = ? WHERE id = ?", at_six() - 1s, late));
    clock.set_by(at_six() - clock.now());
    wakes.releaser.raise();
    settle();
    EXPECT_EQ(count_events(EventKind::queue_released), 0U) << "there will be two in a moment";
    wakes.planner.raise();
    settle();
    advance(1s);
    EXPECT_EQ(detail_of_last(EventKind::queue_released), "nightly: 2 requests of 2 files: its schedule");
}

TEST_F(ReleaserTest, WhatTakesLongToReadIsNotWaitedFor) {
    start();
    add("first");
    const store::JobId late = claim("late");
    ASSERT_TRUE(store->database.run("UPDATE jobs SET created_at = ? WHERE id = ?", at_six() - 1s, late));
    ASSERT_TRUE(eventually([&] { return count_events(EventKind::queue_released) == 1; }, 24h));
    EXPECT_LE(clock.now(), at_six() + 6s);
}

TEST_F(ReleaserTest, AnotherScheduleIsOnRecordForAllThatWait) {
    start();
    const store::JobId first = add("first"), second = add("second");
    settings.queues["nightly"].schedule = "0 20 * * *";
    wakes.releaser.raise();
    settle();
    for (const store::JobId id : {first, second}) EXPECT_EQ(job(id).not_before, at_six() + 2h);
    EXPECT_EQ(job(add("third")).not_before, at_six() + 2h);
}

TEST_F(ReleaserTest, ACancelThatFailsOnceIsNotLeftUntilTheQueuesMoment) {
    start();
    const store::JobId id = add("first");
    const Path plan = layout.plan(job(id).key), aside = dir.path() / "aside";
    std::filesystem::rename(plan, aside);
    std::filesystem::create_directories(plan / "in the way");  // it can't be read, and nobody knows why
    ASSERT_TRUE(store->database.run("UPDATE jobs SET cancel_asked_at = ? WHERE id = ?", clock.now(), id));
    wakes.releaser.raise();
    settle();
    ASSERT_TRUE(waits(id));
    std::filesystem::remove_all(plan);
    std::filesystem::rename(aside, plan);
    EXPECT_TRUE(eventually([&] { return !waits(id); }, 1h)) << "at six is too late";
}

TEST_F(ReleaserTest, WhatAClockThatWasAheadTookWaitsForItsTimeAndNoLonger) {
    settings.queues["nightly"].collect = 10min;
    start();
    const store::JobId id = claim("first");
    take_in_2038(id);
    wakes.planner.raise();
    advance(9min);
    EXPECT_TRUE(waits(id));
    EXPECT_TRUE(eventually([&] { return !waits(id); }, 2min));
}

TEST_F(ReleaserTest, WhatAClockThatWasAheadTookGoesAtTheNextMoment) {
    start();
    const store::JobId id = add("first");
    crash();
    take_in_2038(id);
    waiting = WaitingTally();
    start();
    EXPECT_EQ(job(id).not_before, at_six());
    ASSERT_TRUE(eventually([&] { return !waits(id); }, 24h));
    EXPECT_GE(clock.now(), at_six());
}

TEST_F(ReleaserTest, WhatAClockThatWasAheadTookGoesAtAPersonsWordAndWithoutRules) {
    start();
    const store::JobId id = add("first"), other = add("other");
    take_in_2038(id);
    EXPECT_EQ(store->waiting_jobs.taken_up_to("nightly", clock.now(), clock.now()).value(),
              (std::vector{id, other}));
    settings.queues.clear();
    wakes.releaser.raise();
    settle();
    EXPECT_FALSE(waits(id));
    EXPECT_FALSE(waits(other));
}

TEST_F(ReleaserTest, AClockThatIsSetBackWhileItWaitsIsNoticed) {
    start();
    clock.set_by(24h * 4000);
    const store::JobId id = add("first");
    EXPECT_EQ(job(id).not_before, at_six());
    clock.set_by(-24h * 4000);
    advance(2min);
    EXPECT_EQ(job(id).not_before, at_six());
    EXPECT_TRUE(eventually([&] { return !waits(id); }, 24h));
}

TEST_F(ReleaserTest, AReleaseThatFindsNothingIsNotRepeatedAtOnce) {
    settings.queues.clear();
    waiting.learn_all({{"nightly", {.files = 1, .requests = 1, .oldest = clock.now()}}});
    start();  // fails where it goes on for ever
    EXPECT_EQ(count_events(EventKind::queue_released), 0U);
}

}  // namespace
}  // namespace batchd::engine
