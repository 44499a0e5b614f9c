#include "engine/fallback/deadline_watch.hpp"

#include "engine/cancel/canceller.hpp"
#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using testing::Call;

/// Beside the canceller, which is the one that acts on a batch at the provider.
struct DeadlineWatchTest : EngineFixture {
    ~DeadlineWatchTest() override { crash(); }

    void start() {
        tasks->spawn(canceller.run());
        tasks->spawn(watch.run());
        settle();
    }
    store::Batch in_flight_until(const std::string& name, TimePoint deadline) {
        const auto batch = add_planned(name, {"x"});
        put_in_flight(batch);
        store->batches.record_deadline(batch.id, deadline).value();
        return batch;
    }
    std::size_t cancels() { return provider.count(Call::cancel); }

    Canceller canceller{{settings.retry, *store, clock, *journal, wakes, account_name, settings.provider,
                         provider, own_wakes}};
    std::vector<store::BatchRowId> unsent;
    DeadlineWatch watch{{*store, clock, *journal, account_name, own_wakes},
                        [this](store::BatchRowId id) { unsent.push_back(id); }};
};

TEST_F(DeadlineWatchTest, WhatWaitsToBeSentIsToldOfOnceAndAtTheMoment) {
    const auto batch = add_planned("a", {"x"});
    store->batches.record_deadline(batch.id, clock.now() + 1h).value();
    start();
    advance(1h - 1ms);
    EXPECT_TRUE(unsent.empty());
    advance(1ms);
    EXPECT_EQ(unsent, std::vector{batch.id});
    own_wakes.deadline.raise();
    advance(1h);
    EXPECT_EQ(unsent.size(), 1U);
    EXPECT_EQ(cancels(), 0U);
}

TEST_F(DeadlineWatchTest, WhatIsLateIsCancelledOnceAndAtTheMoment) {
    in_flight_until("a", clock.now() + 1h);
    in_flight_until("b", clock.now() + 3h);
    start();
    advance(1h - 1ms);
    EXPECT_EQ(cancels(), 0U);
    advance(1ms);
    EXPECT_EQ(cancels(), 1U);
    advance(2h);
    EXPECT_EQ(cancels(), 2U);
}

TEST_F(DeadlineWatchTest, AMomentThatPassesWhileItIsWokenForAnotherBatchIsNotMissed) {
    const auto batch = in_flight_until("a", clock.now() + 1h);
    start();
    own_wakes.deadline.raise();
    clock.set_by(2h);
    settle();
    EXPECT_TRUE(row(batch).cancel_sent_at);
}

TEST_F(DeadlineWatchTest, ABatchThatTurnsUpWithItsDeadlineOverIsCancelled) {
    start();
    const auto batch = in_flight_until("found", clock.now() - 1h);
    own_wakes.deadline.raise();
    settle();
    EXPECT_TRUE(row(batch).cancel_sent_at);
}

}  // namespace
}  // namespace batchd::engine
