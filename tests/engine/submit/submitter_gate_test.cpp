// What is taken back while it waits for a provider that can't be called.

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using store::BatchPhase;
using testing::Call;

/// A provider that can't be reached: whoever is about to call waits for the turn.
struct SubmitterAtTheGateTest : SubmitterFixture {
    SubmitterAtTheGateTest() {
        provider.before_turn = [this](provider::CallKind) -> boost::asio::awaitable<void> {
            co_await clock.sleep_for(turn_in);
        };
    }
    Millis turn_in = 1000h;
};

TEST_F(SubmitterAtTheGateTest, ACancelOfWhatWasNeverSentWaitsForNobody) {
    settings.provider.max_connections = 2;
    std::vector<store::Batch> batches;
    for (const char* name : {"a", "b", "c", "d"}) batches.push_back(add_planned(name, {"x"}));
    start();
    const store::Batch& last = batches.back();
    store->jobs.record_cancel_asked(last.job_id, clock.now()).value();
    submitter->take_up_cancel(last.job_id);
    settle();
    EXPECT_EQ(row(last).outcome, store::Outcome::withdrawn);
    EXPECT_EQ(phase(batches.front()), BatchPhase::planned);
}

TEST_F(SubmitterAtTheGateTest, NorForCancelsThatWaitForTheListing) {
    settings.provider.max_connections = 1;
    provider.latency[Call::list_batches] = 1000h;
    std::vector<store::Batch> old;
    for (const char* name : {"a", "b", "c", "d"}) old.push_back(add_planned(name, {"x"}));
    submitter =
        std::make_unique<Submitter>(submitter_ports(), holds, new_surveyor(), LostAttempts::all_of(*store));
    tasks->spawn(submitter->run());
    const auto cancel = [&](const store::Batch& batch) {
        store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
        submitter->take_up_cancel(batch.job_id);
    };
    for (const store::Batch& batch : old) cancel(batch);
    advance(1h);
    const auto recent = add_planned("e", {"x"});
    cancel(recent);
    settle();
    EXPECT_EQ(row(recent).outcome, store::Outcome::withdrawn);
    EXPECT_EQ(phase(old.front()), BatchPhase::planned) << "it may have been sent";
}

TEST_F(SubmitterAtTheGateTest, WhatIsLateIsTakenBackThoughItsTurnNeverComes) {
    const auto batch = add_planned("a", {"x"});
    store->batches.record_deadline(batch.id, clock.now() + 1h).value();
    start();
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::planned);
    submitter->take_up_late(batch.id);
    settle();
    EXPECT_EQ(row(batch).outcome, store::Outcome::withdrawn);
}

TEST_F(SubmitterAtTheGateTest, WhatIsLateWhenItsTurnComesIsNotSent) {
    turn_in = 2h;
    const auto batch = add_planned("a", {"x"});
    store->batches.record_deadline(batch.id, clock.now() + 1h).value();
    start();
    advance(3h);
    EXPECT_EQ(row(batch).outcome, store::Outcome::withdrawn);
    EXPECT_EQ(provider.count(Call::upload), 0U);
}

}  // namespace
}  // namespace batchd::engine
