#include "engine/cancel/leave_shared.hpp"

#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/bundle/known_bundles.hpp"
#include "engine/cancel/cancel_patience.hpp"
#include "engine/collect/collector.hpp"
#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using store::BatchPhase;
using store::JobState;
using testing::Call;

/// Two jobs, "x" and "y", with a batch that both share.
struct LeaveSharedTest : SubmitterFixture {
    const std::string bundle = "7d0969ef-0dbf-46f4-9435-2d81a85dfff9";
    const store::JobId x = add_planned("x", {"a", "b"}).job_id;
    const store::JobId y = add_planned("y", {"a", "b"}).job_id;

    LeaveSharedTest() {
        for (const store::JobId id : {x, y})
            store->database
                .run("UPDATE batches SET key = ? WHERE job_id = ?", attempt_key(job(id).key, {1, 1}), id)
                .value();
        const BundleFile file{.provider = "default",
                              .endpoint = "/v1/chat/completions",
                              .model = "m",
                              .estimated_tokens = 80,
                              .members = {{job(x).key, 1, 2}, {job(y).key, 1, 2}}};
        write_bundle(layout, bundle, file).value();
        EXPECT_TRUE(add_bundle(layout, *store, bundle, clock.now()).value());
        settings.retry.cancel_patience = 24h;
    }
    store::Batch shared() { return store->batches.find_by_key(attempt_key(bundle, {1, 1})).value().value(); }
    void put_it_in_flight() {
        const store::BatchRowId id = shared().id;
        store->parts.start_jobs(id).value();
        store->batches.begin(id, BatchPhase::uploading, clock.now()).value();
        store->batches.record_upload(id, provider.add_file("x", "")).value();
        store->batches.begin(id, BatchPhase::creating, clock.now()).value();
        const auto& object = provider.add_batch(shared().key, shared().input_file_id);
        store->batches.record_submission(id, object.id, object.status_word, {}, clock.now()).value();
    }
    void it_ends() {
        put_it_in_flight();
        store->batches.record_end(shared().id, {.status = "completed", .completed = 4}, clock.now()).value();
    }
    void cancel(store::JobId id) { store->jobs.record_cancel_asked(id, clock.now()).value(); }
    void start_patience() {
        patience = std::make_unique<CancelPatience>(
            CancelPatience::Ports{settings, *store, clock, *journal, wakes, account_name, provider,
                                  own_wakes},
            CancelPatience::Hurry{
                .submitter = [this](store::BatchRowId id) { submitter_hurried.push_back(id); },
                .collector = [this](store::BatchRowId id) { collector_hurried.push_back(id); }});
        tasks->spawn(patience->run());
        settle();
    }
    bool has_left(store::JobId id) { return job(id).state == JobState::delivering; }

    std::unique_ptr<CancelPatience> patience;
    std::vector<store::BatchRowId> submitter_hurried, collector_hurried;
};

TEST_F(LeaveSharedTest, WhoIsCancelledDoesNotWaitForResultsThatNeverCome) {
    it_ends();
    cancel(x);
    start_patience();
    advance(24h - 1s);
    EXPECT_FALSE(has_left(x));
    advance(1s);
    EXPECT_TRUE(has_left(x));
    EXPECT_EQ(job(x).failed, 2U);
    EXPECT_EQ(job(y).state, JobState::running) << "it goes on looking for them";
    EXPECT_EQ(phase(shared()), BatchPhase::ended);
    EXPECT_TRUE(collector_hurried.empty());
    EXPECT_NE(detail_of_last(EventKind::batch_left_open).find("may be charged"), std::string::npos);
}

TEST_F(LeaveSharedTest, WhereAllAreCancelledEachGetsWhatIsThere) {
    it_ends();
    for (const store::JobId id : {x, y}) cancel(id);
    start_patience();
    advance(25h);
    EXPECT_EQ(collector_hurried, std::vector{shared().id});
    EXPECT_FALSE(has_left(x) || has_left(y)) << "the collector has to look a last time";
}

TEST_F(LeaveSharedTest, WhoIsCancelledDoesNotWaitForALookThatNeverEnds) {
    cancel(x);
    start_patience();
    advance(24h);
    EXPECT_TRUE(has_left(x));
    EXPECT_EQ(job(y).state, JobState::planned);
    EXPECT_TRUE(submitter_hurried.empty());
    cancel(y);
    own_wakes.cancel_patience.raise();
    settle();
    advance(24h);
    EXPECT_EQ(submitter_hurried, std::vector{shared().id}) << "nobody is in it any more";
}

TEST_F(LeaveSharedTest, WhoIsCancelledMeanwhileLeavesWhenAnEndIsTakenBack) {
    it_ends();
    cancel(x);
    provider.set_status("batch_1", "in_progress");
    Collector collector({settings, layout, *store, clock, pool, *journal, wakes, prices, account_name,
                         settings.provider, provider, own_wakes},
                        holds, new_surveyor(), new_twins());
    tasks->spawn(collector.run());
    ASSERT_TRUE(eventually([&] { return phase(shared()) == BatchPhase::watching; }, 1min));
    crash();
    EXPECT_TRUE(has_left(x));
    EXPECT_EQ(job(y).state, JobState::running);
    EXPECT_TRUE(store->batches.to_cancel("default", 1).value().empty());
}

TEST_F(LeaveSharedTest, WhereAllAreCancelledMeanwhileItIsStoppedAfterAll) {
    it_ends();
    for (const store::JobId id : {x, y}) cancel(id);
    const auto reopened = store->database.transact([&]() -> Result<void> {
        auto done = store->batches.reopen(shared().id, {.status = "in_progress"}, clock.now());
        if (done) cancelled_ones_leave(*store, shared(), clock.now()).value();
        return done;
    });
    ASSERT_TRUE(reopened);
    EXPECT_TRUE(has_left(x) && has_left(y));
    EXPECT_EQ(store->batches.to_cancel("default", 1).value(), std::vector{shared().id});
}

TEST_F(LeaveSharedTest, WhoWasCancelledLeavesABatchThatIsFoundAtTheProvider) {
    provider.add_batch(shared().key, provider.add_file("x", ""));
    cancel(x);
    submitter =
        std::make_unique<Submitter>(submitter_ports(), holds, new_surveyor(), LostAttempts::all_of(*store));
    tasks->spawn(submitter->run());
    ASSERT_TRUE(eventually([&] { return phase(shared()) == BatchPhase::watching; }, 1min));
    EXPECT_TRUE(has_left(x));
    EXPECT_EQ(job(y).state, JobState::running);
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(LeaveSharedTest, NobodyIsCountedTwice) {
    put_it_in_flight();
    cancel(x);
    EXPECT_TRUE(leave_shared(*store, shared().id, x, clock.now()).value());
    EXPECT_FALSE(leave_shared(*store, shared().id, x, clock.now()).value());
    EXPECT_FALSE(cancelled_ones_leave(*store, shared(), clock.now()).value());
    EXPECT_EQ(job(x).failed, 2U);
}

}  // namespace
}  // namespace batchd::engine
