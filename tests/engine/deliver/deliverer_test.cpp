#include "engine/deliver/deliverer.hpp"

#include <fstream>

#include <fcntl.h>

#include "engine/deliver/destination.hpp"
#include "engine/engine_fixture.hpp"
#include "engine/recover/recovery.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/claim.hpp"
#include "spool/set_aside.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using spool::ShardFile;
using store::JobState;

struct DelivererTest : EngineFixture {
    ~DelivererTest() override { crash(); }

    void start() {
        deliverer = std::make_unique<Deliverer>(
            Deliverer::Ports{settings, layout, *store, clock, pool, *journal, wakes});
        tasks->spawn(deliverer->run());
        settle();
    }
    /// A job with one collected batch of one row, which was answered or failed.
    store::Batch add_collected(const std::string& name, ShardFile kind, const std::string& line = "the row") {
        const auto batch = add_planned(name, {"x"});
        put_in_flight(batch);
        const bool answered = kind == ShardFile::succeeded;
        auto writer =
            jsonl::RowFileWriter::create(layout.shard_file(job(batch.job_id).key, {1, 1}, kind)).value();
        writer.append(1, digest128("x"), line).value();
        writer.commit().value();
        store->batches.record_end(batch.id, {.status = "completed"}, clock.now()).value();
        const std::uint64_t succeeded = answered ? 1 : 0;
        store->batches
            .record_collection(batch.id, {.succeeded = succeeded, .failed = 1 - succeeded}, clock.now())
            .value();
        store->jobs.add_progress(batch.job_id, {.succeeded = succeeded, .failed = 1 - succeeded}).value();
        store->jobs.change_state(batch.job_id, JobState::delivering).value();
        return batch;
    }

    std::unique_ptr<Deliverer> deliverer;
};

TEST_F(DelivererTest, PublishesTheFolderAndThenRecordsIt) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    const auto cleaner = own_wakes.cleaner.times_raised();
    const auto finisher = wakes.finisher.times_raised();
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_EQ(job(batch.job_id).delivered_to, (outbox() / "a").string());
    EXPECT_EQ(job(batch.job_id).finished_at, clock.now());
    EXPECT_EQ(testing::slurp(outbox() / "a/output.jsonl"), "the row\n");
    EXPECT_EQ(count_events(EventKind::job_delivered), 1U);
    EXPECT_GT(own_wakes.cleaner.times_raised(), cleaner);
    EXPECT_GT(wakes.finisher.times_raised(), finisher);
}

TEST_F(DelivererTest, AJobNamedLikeAQueueDoesNotTakeTheFolderThatTheQueueHasLost) {
    settings.queues["a"] = {};
    const auto batch = add_collected("a", ShardFile::succeeded);
    start();
    EXPECT_EQ(job(batch.job_id).delivered_to, (outbox() / "a.2").string());
}

TEST_F(DelivererTest, AJobWithoutAnAnswerIsDeliveredAsFailedWithAReason) {
    const auto batch = add_collected("a", ShardFile::failed);
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::failed);
    EXPECT_NE(job(batch.job_id).reason.find("errors.jsonl"), std::string::npos);
    EXPECT_EQ(testing::slurp(outbox() / "a/errors.jsonl"), "the row\n");
    EXPECT_NE(testing::slurp(outbox() / "a/job.json").find(R"("state":"failed")"), std::string::npos);
    EXPECT_EQ(count_events(EventKind::job_failed), 1U);
}

TEST_F(DelivererTest, AJobWhoseRequestsFailedForOneReasonBearsIt) {
    const auto batch = add_collected(
        "a", ShardFile::failed,
        R"({"custom_id":"x","response":null,"error":{"code":"model_not_found","message":"No gpt-9."}})");
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::failed);
    EXPECT_EQ(job(batch.job_id).reason, "model_not_found: No gpt-9.");
    EXPECT_NE(testing::slurp(outbox() / "a/job.json").find("model_not_found: No gpt-9."), std::string::npos);
}

TEST_F(DelivererTest, AFolderThatWasPublishedBeforeACrashIsRecordedAndNotMadeTwice) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    refuse("UPDATE ON jobs");
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    EXPECT_TRUE(file_exists(outbox() / "a").value());
    crash();
    refuse_no_more();
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_FALSE(file_exists(outbox() / "a.2").value());
}

TEST_F(DelivererTest, AFolderThatWasPublishedIsFoundThoughTheOutboxIsAnotherOneByNow) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    refuse("UPDATE ON jobs");
    start();
    crash();
    refuse_no_more();
    const Path before = outbox() / "a";
    settings.spool.outbox = dir.path() / "another";
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_EQ(job(batch.job_id).delivered_to, before.string());
    EXPECT_FALSE(job(batch.job_id).input_changed);
    EXPECT_FALSE(file_exists(outbox() / "a").value()) << "not a second time, without its input";
}

TEST_F(DelivererTest, WhatHasNotLeftGoesToTheOutboxOfToday) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    note_destination(layout, job(batch.job_id).key, dir.path() / "another").value();
    start();
    EXPECT_EQ(job(batch.job_id).delivered_to, (outbox() / "a").string());
}

TEST_F(DelivererTest, WhatWasAppendedAfterTheFileWasTakenIsAJobOfItsOwn) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    const Path input = layout.input(job(batch.job_id).key);
    const std::string read = testing::slurp(input);
    std::ofstream(input, std::ios::app) << "later\n";
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_EQ(testing::slurp(outbox() / "a/input.jsonl"), read);
    EXPECT_FALSE(job(batch.job_id).input_changed);
    const auto claimed = store->jobs.in_state(JobState::claimed, 10).value();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(job(claimed[0]).name, "a");
    EXPECT_EQ(testing::slurp(layout.input(job(claimed[0]).key)), "later\n");
    EXPECT_NE(detail_of_last(EventKind::input_changed).find("they are job 2"), std::string::npos);
}

TEST_F(DelivererTest, WhatWasAppendedIsOneJobAlsoAfterACrash) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    std::ofstream(layout.input(job(batch.job_id).key), std::ios::app) << "later\n";
    refuse("UPDATE ON jobs");
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    crash();
    EXPECT_TRUE(unknown_work(layout, *store).value().empty()) << "it belongs to a job that is known";
    refuse_no_more();
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_EQ(store->jobs.in_state(JobState::claimed, 10).value().size(), 1U);
}

TEST_F(DelivererTest, WaitsForWhoeverHasTheFileOpenForWriting) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    std::ofstream writer(layout.input(job(batch.job_id).key), std::ios::app);
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    writer << "later\n";
    writer.close();
    advance(30s);
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    const auto claimed = store->jobs.in_state(JobState::claimed, 10).value();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(testing::slurp(layout.input(job(claimed[0]).key)), "later\n");
}

TEST_F(DelivererTest, DoesNotWaitForAWriterForEver) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    const std::ofstream writer(layout.input(job(batch.job_id).key), std::ios::app);
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    advance(10min);
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
}

TEST_F(DelivererTest, AFileThatWasAlteredIsSaidOnceAndDeliveredAsItIs) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    replace_file(layout.input(job(batch.job_id).key), "another").value();
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    EXPECT_TRUE(job(batch.job_id).input_changed);
    EXPECT_EQ(count_events(EventKind::input_changed), 1U);
    EXPECT_EQ(testing::slurp(outbox() / "a/input.jsonl"), "another");
    EXPECT_NE(testing::slurp(outbox() / "a/job.json").find(R"("input_changed":true)"), std::string::npos);
}

TEST_F(DelivererTest, AnOutboxThatCannotBeWrittenIsTriedAgain) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    ASSERT_TRUE(remove_tree(outbox()));
    replace_file(outbox(), "in the way").value();
    start();
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    EXPECT_EQ(count_events(EventKind::waiting), 1U);
    ASSERT_TRUE(remove_file(outbox()));
    ASSERT_TRUE(eventually([&] { return job(batch.job_id).state == JobState::done; }, 1min));
    EXPECT_EQ(testing::slurp(outbox() / "a/output.jsonl"), "the row\n");
}

TEST_F(DelivererTest, AJobThatDoesNotAddUpIsNotPublishedAndHoldsUpNobody) {
    const auto broken = add_collected("broken", ShardFile::succeeded);
    store->jobs.record_plan(broken.job_id, 2, 0, 1, "digest").value();
    const auto good = add_collected("good", ShardFile::succeeded);
    start();
    advance(1h);
    EXPECT_EQ(job(broken.job_id).state, JobState::delivering);
    EXPECT_FALSE(file_exists(outbox() / "broken").value());
    EXPECT_EQ(job(good.job_id).state, JobState::done);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("1 answers and 0 errors for 2 requests"),
              std::string::npos);
}

TEST_F(DelivererTest, AnOriginalWhoseInboxIsNotThereIsWaitedForAndThenMissed) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    const auto folder = open_file(inbox(), O_RDONLY | O_DIRECTORY).value();
    spool::note_set_aside(layout.work_directory(job(batch.job_id).key), folder.get()).value();
    std::filesystem::rename(inbox(), dir.path() / "away");
    start();
    advance(5min);
    EXPECT_EQ(job(batch.job_id).state, JobState::delivering);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("which is not there"), std::string::npos);
    advance(1h);
    EXPECT_EQ(job(batch.job_id).state, JobState::done) << "the answers do not wait for it for ever";
    EXPECT_NE(detail_of_last(EventKind::input_changed).find("not known"), std::string::npos);
    EXPECT_EQ(count_events(EventKind::input_changed), 1U);
}

TEST_F(DelivererTest, WhatWasWrittenToAnOriginalWhileItsInboxWasNotThereIsAJobOfItsOwn) {
    const auto batch = add_collected("a", ShardFile::succeeded);
    const store::Job of = job(batch.job_id);
    const auto folder = open_file(inbox(), O_RDONLY | O_DIRECTORY).value();
    spool::note_set_aside(layout.work_directory(of.key), folder.get()).value();
    const Path original = spool::set_aside_path(inbox(), of.name, of.key);
    std::filesystem::copy_file(layout.input(of.key), original);
    std::ofstream(original, std::ios::app) << "later\n";
    std::filesystem::rename(inbox(), dir.path() / "away");
    start();
    std::filesystem::rename(dir.path() / "away", inbox());
    advance(10min);
    EXPECT_EQ(job(batch.job_id).state, JobState::done);
    const auto claimed = store->jobs.in_state(JobState::claimed, 10).value();
    ASSERT_EQ(claimed.size(), 1U);
    EXPECT_EQ(testing::slurp(layout.input(job(claimed[0]).key)), "later\n");
}

}  // namespace
}  // namespace batchd::engine
