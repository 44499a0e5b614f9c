#include "engine/collect/collector.hpp"

#include "engine/collector_fixture.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using spool::ShardFile;
using store::BatchPhase;
using store::JobState;
using testing::Call;
using testing::error_row;
using testing::failure;
using testing::result_row;

TEST_F(CollectorTest, PutsAnswersIntoTheOrderOfTheInputAndCompletesTheJob) {
    end({.output = {result_row("z"), result_row("x"), result_row("y")}});
    const auto before = wakes.deliverer.times_raised();
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(text(ShardFile::succeeded),
              result_row("x") + "\n" + result_row("y") + "\n" + result_row("z") + "\n");
    EXPECT_EQ(row(batch).completed, 3U);
    EXPECT_EQ(row(batch).input_tokens, 9U);
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_EQ(job().output_tokens, 6U);
    EXPECT_EQ(job().state, JobState::delivering);
    EXPECT_GT(wakes.deliverer.times_raised(), before);
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U);
}

TEST_F(CollectorTest, AJobWithABatchInFlightIsNotComplete) {
    const auto second = add_shard(batch.job_id, 2, {"w"});
    put_in_flight(second);
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(job().state, JobState::running);
}

TEST_F(CollectorTest, PermanentErrorsAreFinal) {
    end({.output = {result_row("x"), result_row("y")}, .errors = {result_row("z", 400)}});
    start();
    EXPECT_EQ(text(ShardFile::failed), result_row("z", 400) + "\n");
    EXPECT_EQ(job().failed, 1U);
    EXPECT_EQ(job().state, JobState::delivering);
}

TEST_F(CollectorTest, WhatIsWorthItGoesOutAgainAsANewAttempt) {
    end({.status = "expired",
         .output = {result_row("y")},
         .errors = {error_row("x", "batch_expired"), error_row("z", "batch_expired")}});
    const auto before = own_wakes.submitter.times_raised();
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(row(batch).completed, 1U);
    const auto again = next();
    EXPECT_EQ(again.attempt, 2U);
    EXPECT_EQ(again.run, 2U);
    EXPECT_EQ(again.phase, BatchPhase::planned);
    EXPECT_NE(again.key, batch.key);
    EXPECT_EQ(again.requests, 2U);
    EXPECT_EQ(text(ShardFile::prepared, 2), request_line("x") + "\n" + request_line("z") + "\n");
    EXPECT_EQ(again.size_bytes, text(ShardFile::prepared, 2).size());
    EXPECT_LT(again.estimated_tokens, batch.estimated_tokens);
    EXPECT_EQ(job().state, JobState::running);
    EXPECT_GT(own_wakes.submitter.times_raised(), before);
    EXPECT_EQ(count_events(EventKind::rows_again), 1U);
}

TEST_F(CollectorTest, RowsAreGivenUpAfterTheLastAttempt) {
    settings.retry.row_attempts = 1;
    end({.status = "expired", .output = {result_row("x")}, .errors = {result_row("y", 500)}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U);
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(job().failed, 2U);
    EXPECT_EQ(text(ShardFile::failed).substr(0, result_row("y", 500).size()), result_row("y", 500));
    EXPECT_NE(text(ShardFile::failed).find("no_answer"), std::string::npos);
    EXPECT_EQ(job().state, JobState::delivering);
}

TEST_F(CollectorTest, ARowThatIsNeitherAnsweredNorNamedAsNotRunMayHaveRun) {
    end({.status = "expired", .output = {result_row("y")}, .errors = {error_row("x", "batch_expired")}});
    start();
    advance(10min);
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(next().requests, 1U) << "the one that is said not to have run";
    EXPECT_EQ(row(batch).lost, 1U);
}

TEST_F(CollectorTest, FilesAndCountsThatComeLateAreWaitedFor) {
    end({.status = "expired"});
    start();
    advance(10min);
    EXPECT_FALSE(collected());
    provider.batch("batch_1").completed = 1;
    provider.batch("batch_1").output_file_id = provider.add_file("out", result_row("y") + "\n");
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorTest, ABatchThatFailsWithoutAReasonIsAskedForOne) {
    end({.status = "failed"});
    start();
    EXPECT_FALSE(collected());
    provider.batch("batch_1").errors = {{.code = "empty_file", .message = "The input file is empty."}};
    ASSERT_TRUE(eventually([&] { return collected(); }, 10min));
    EXPECT_EQ(job().reason, "empty_file: The input file is empty.");
}

TEST_F(CollectorTest, ABatchThatWasCancelledWithoutAnyFileGoesOutAgainAsAWhole) {
    end({.status = "cancelled"});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(next().requests, 3U);
    EXPECT_EQ(next().run, 2U);
}

TEST_F(CollectorTest, ReportsRowsThatItDidNotAskFor) {
    end({.output = {result_row("x"), result_row("x"), result_row("y"), result_row("z"), result_row("alien"),
                    "not json"}});
    start();
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_EQ(detail_of_last(EventKind::rows_unexpected).substr(0, 37),
              "1 unknown, 1 repeated, 1 unreadable; ");
    EXPECT_NE(detail_of_last(EventKind::rows_unexpected).find("alien"), std::string::npos);
}

TEST_F(CollectorTest, ADownloadThatFailsIsTriedAgainAndNothingIsDecidedBefore) {
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    provider.fail(Call::download, 1, failure(FailureKind::unavailable));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(provider.count(Call::download), 2U);
    EXPECT_EQ(job().succeeded, 3U);
}

TEST_F(CollectorTest, DoesNotDownloadAgainWhatACrashLeftWhole) {
    end({.output = {result_row("x")}, .errors = {result_row("y", 400), result_row("z", 400)}});
    provider.fail(Call::download, 2, failure(FailureKind::unavailable));
    start();
    crash();
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(provider.count(Call::download), 3U) << "the output once, the errors twice";
}

TEST_F(CollectorTest, ARowThatFailsDoesNotHoldUpAnother) {
    settings.provider.max_connections = 1;
    const auto second = add_shard(batch.job_id, 2, {"w"});
    put_in_flight(second);
    end({.output = {result_row("x")}});
    ASSERT_TRUE(remove_file(layout.shard_file(job().key, {1, 1}, ShardFile::prepared)));
    provider.answer_all("batch_2");
    ASSERT_TRUE(store->batches.record_end(
        second.id, {.status = "completed", .output_file_id = provider.batch("batch_2").output_file_id},
        clock.now()));
    start();
    EXPECT_FALSE(collected());
    EXPECT_EQ(phase(second), BatchPhase::collected);
}

TEST_F(CollectorTest, RefusedLinesAreSetAsideAndTheRestGoesAgain) {
    refused({.code = "model_not_found", .message = "No such model.", .param = "body.model", .line = 2});
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(job().failed, 1U);
    EXPECT_NE(text(ShardFile::failed).find(R"("custom_id":"y")"), std::string::npos);
    EXPECT_NE(text(ShardFile::failed).find("model_not_found"), std::string::npos);
    EXPECT_EQ(text(ShardFile::prepared, 2), request_line("x") + "\n" + request_line("z") + "\n");
    EXPECT_EQ(next().run, 1U) << "nothing ran";
    EXPECT_EQ(next().setbacks, 1U);
    EXPECT_EQ(next().phase, BatchPhase::planned);
    EXPECT_EQ(count_events(EventKind::lines_refused), 1U);
}

TEST_F(CollectorTest, EveryLineRefusedCompletesTheJob) {
    end({.status = "failed",
         .refusals = {{.code = "c", .message = "1", .line = 1},
                      {.code = "c", .message = "2", .line = 2},
                      {.code = "c", .message = "3", .line = 3}}});
    start();
    EXPECT_EQ(job().failed, 3U);
    EXPECT_EQ(job().state, JobState::delivering);
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U);
}

TEST_F(CollectorTest, AFullQueueSendsTheSameFileAgainLater) {
    refused({.code = "token_limit_exceeded", .message = "Enqueued token limit reached"});
    start();
    EXPECT_EQ(next().phase, BatchPhase::uploaded);
    EXPECT_EQ(next().input_file_id, "file-1");
    EXPECT_EQ(next().run, 1U);
    EXPECT_EQ(next().requests, 3U);
    EXPECT_EQ(next().estimated_tokens, batch.estimated_tokens);
    EXPECT_TRUE(holds.held_for("m", clock.uptime()));
    EXPECT_EQ(count_events(EventKind::token_limit), 1U);
    EXPECT_EQ(text(ShardFile::prepared, 2), text(ShardFile::prepared, 1));
}

TEST_F(CollectorTest, ABatchAboveTheLimitThatTheProviderNamesIsCutInOrder) {
    refused({.code = "token_limit_exceeded", .message = "Limit: 30 enqueued tokens."});
    start();
    EXPECT_TRUE(collected());
    const auto all = batches_of(batch.job_id);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1].shard, 1U);
    EXPECT_EQ(all[1].attempt, 2U);
    EXPECT_EQ(all[1].requests, 2U);
    EXPECT_EQ(all[2].shard, 2U);
    EXPECT_EQ(all[2].attempt, 1U);
    EXPECT_EQ(all[2].requests, 1U);
    EXPECT_EQ(all[2].run, 1U) << "nothing ran";
    for (const auto& part : {all[1], all[2]}) {
        EXPECT_LE(part.estimated_tokens, 30U);
        EXPECT_EQ(part.phase, BatchPhase::planned);
        EXPECT_EQ(part.input_file_id, "");
    }
    EXPECT_EQ(text(ShardFile::prepared, 2), request_line("x") + "\n" + request_line("y") + "\n");
    EXPECT_EQ(testing::texts_of(layout.shard_file(job().key, {2, 1}, ShardFile::prepared)),
              request_line("z") + "\n");
    EXPECT_EQ(job().state, JobState::running);
    EXPECT_FALSE(holds.held_for("m", clock.uptime())) << "there may be room for the parts";
    EXPECT_EQ(holds.learnt_limit("m", clock.uptime()), 30U);
    EXPECT_EQ(store->unused_files.count().value(), 1U) << "the file that was uploaded for nothing";
}

TEST_F(CollectorTest, ACutThatACrashInterruptedComesToTheSameParts) {
    const auto other = add_shard(batch.job_id, 2, {"v", "w"});
    put_in_flight(other);
    refused({.code = "token_limit_exceeded", .message = "Limit: 30 enqueued tokens."});
    refuse("INSERT ON batches");
    start();
    EXPECT_FALSE(collected());
    crash();
    // The other one is cut first now, and must not take the number that is in the file.
    provider.finish(
        "batch_2",
        {.status = "failed", .refusals = {{.code = "token_limit_exceeded", .message = "Limit: 30 tokens."}}});
    ASSERT_TRUE(store->batches.record_end(other.id, {.status = "failed"}, clock.now()));
    refuse_no_more();
    settings.provider.max_connections = 1;
    ASSERT_TRUE(
        store->database.execute("PRAGMA foreign_keys = OFF; UPDATE parts SET batch = 100 WHERE shard = 1;"
                                " UPDATE batches SET id = 100 WHERE shard = 1; PRAGMA foreign_keys = ON"));
    start();
    const auto all = batches_of(batch.job_id);
    ASSERT_EQ(all.size(), 6U);
    EXPECT_EQ(text(ShardFile::prepared, 2), request_line("x") + "\n" + request_line("y") + "\n");
    EXPECT_EQ(testing::texts_of(layout.shard_file(job().key, {3, 1}, ShardFile::prepared)),
              request_line("z") + "\n");
    EXPECT_EQ(testing::texts_of(layout.shard_file(job().key, {4, 1}, ShardFile::prepared)),
              request_line("w") + "\n");
}

TEST_F(CollectorTest, ASingleRequestThatIsTooLargeFailsWithTheReasonAndTheJobGoesOn) {
    const auto single = add_shard(batch.job_id, 2, {"w"});
    put_in_flight(single);
    ASSERT_TRUE(store->batches.record_end(batch.id, {.status = "cancelled"}, clock.now() - 1h));
    ASSERT_TRUE(store->batches.record_collection(batch.id, {}, clock.now()));
    start();
    // Refused again and again, each time with nothing else enqueued.
    for (int refusals = 0; refusals < 3; ++refusals) {
        const auto attempt = batches_of(batch.job_id).back();
        if (attempt.attempt > 1) {
            ASSERT_TRUE(store->batches.begin(attempt.id, BatchPhase::creating, clock.now()));
            const auto& made = provider.add_batch(attempt.key, attempt.input_file_id);
            ASSERT_TRUE(store->batches.record_submission(attempt.id, made.id, "validating", {}, clock.now()));
        }
        const std::string batch_id = batches_of(batch.job_id).back().batch_id;
        provider.finish(
            batch_id,
            {.status = "failed",
             .refusals = {{.code = "token_limit_exceeded", .message = "Limit: 30 enqueued tokens."}}});
        ASSERT_TRUE(store->batches.record_end(
            attempt.id, {.status = "failed", .error = "Limit: 30 enqueued tokens."}, clock.now()));
        own_wakes.collector.raise();
        settle();
    }
    EXPECT_EQ(job().failed, 1U);
    EXPECT_TRUE(job().reason.empty()) << "the other requests are as good as ever";
    const std::string failed = testing::texts_of(layout.shard_file(job().key, {2, 3}, ShardFile::failed));
    EXPECT_NE(failed.find("token_limit_exceeded"), std::string::npos);
    EXPECT_NE(failed.find("the request alone has about 40 tokens"), std::string::npos);
    EXPECT_NE(failed.find("Limit: 30 enqueued tokens."), std::string::npos);
}

TEST_F(CollectorTest, TheFileOfABatchThatRanNothingIsUnused) {
    refused({.code = "model_not_found", .message = "No such model.", .line = 2});
    start();
    const auto unused = store->unused_files.to_delete("default", 10).value();
    ASSERT_EQ(unused.size(), 1U);
    EXPECT_EQ(store->unused_files.find(unused[0]).value()->file_id, "file-1");
}

TEST_F(CollectorTest, TheFileOfABatchThatRanOrMayRunIsLeftAlone) {
    end({.output = {result_row("x"), result_row("y"), result_row("z")}});
    const auto second = add_shard(batch.job_id, 2, {"w"});
    put_in_flight(second);
    ASSERT_TRUE(store->batches.record_end(
        second.id, {.status = "gone", .error = "404", .outcome = store::Outcome::gone}, clock.now()));
    start();
    EXPECT_EQ(job().state, JobState::delivering);
    EXPECT_EQ(store->unused_files.count().value(), 0U);
}

TEST_F(CollectorTest, AnEmptyPurseIsSaidLoudly) {
    refused({.code = "insufficient_quota", .message = "Pay."});
    start();
    EXPECT_EQ(next().phase, BatchPhase::uploaded);
    EXPECT_EQ(count_events(EventKind::provider_closed), 1U);
}

TEST_F(CollectorTest, AFileThatTheProviderLostIsUploadedAgain) {
    refused({.code = "invalid_request", .message = "Cannot find file file-1", .param = "file_id"});
    start();
    EXPECT_EQ(next().phase, BatchPhase::planned);
    EXPECT_EQ(next().input_file_id, "");
    EXPECT_EQ(next().setbacks, 1U);
}

TEST_F(CollectorTest, ABatchThatIsGivenUpFailsTheJobWithAReason) {
    refused({.code = "empty_file", .message = "The input file is empty."});
    start();
    EXPECT_EQ(job().failed, 3U);
    EXPECT_EQ(job().reason, "empty_file: The input file is empty.");
    EXPECT_EQ(job().state, JobState::delivering);
    EXPECT_NE(text(ShardFile::failed).find("batch_failed"), std::string::npos);
}

TEST_F(CollectorTest, ABatchThatIsGoneListsItsRowsAndDoesNotSendThemAgain) {
    ASSERT_TRUE(store->batches.record_end(
        batch.id, {.status = "gone", .error = "404", .outcome = store::Outcome::gone}, clock.now()));
    start();
    EXPECT_EQ(job().failed, 3U);
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U);
    EXPECT_NE(text(ShardFile::failed).find("batch_gone"), std::string::npos);
}

TEST_F(CollectorTest, WaitsWhileItCannotAskWhyABatchFailed) {
    refused({.code = "c", .message = "1", .line = 1});
    provider.fail(Call::retrieve, 1, failure(FailureKind::unavailable));
    start();
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 10s));
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorTest, AFailedBatchThatTheProviderForgotDoesNotHoldTheJobForEver) {
    refused({.code = "empty_file", .message = "The input file is empty."});
    provider.forget_batch("batch_1");
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(job().reason, "The input file is empty.");
}

TEST_F(CollectorTest, AnAttemptIsCommittedWholeOrNotAtAll) {
    end({.status = "expired", .output = {result_row("x")}});
    refuse("INSERT ON batches");
    start();
    advance(10s);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(job().succeeded, 0U);
    refuse_no_more();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorTest, AFaultOfTheProvidersOwnSendsTheSameFileAgainAFewTimes) {
    refused({.code = "server_error", .message = "Sorry."});
    start();
    EXPECT_EQ(next().phase, BatchPhase::uploaded);
    EXPECT_EQ(next().input_file_id, "file-1");
    EXPECT_EQ(next().setbacks, 1U);
    EXPECT_EQ(next().run, 1U) << "nothing ran";
    EXPECT_TRUE(holds.held_for("m", clock.uptime()));
    EXPECT_EQ(count_events(EventKind::batch_again), 1U);
}

TEST_F(CollectorTest, WhatNobodyNamesIsLookedForByHalves) {
    refused({.code = "invalid_request", .message = "One of the requests is not valid."});
    start();
    EXPECT_TRUE(collected());
    const auto all = batches_of(batch.job_id);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1].requests, 1U);
    EXPECT_EQ(all[2].requests, 2U);
    EXPECT_EQ(all[2].shard, 2U);
    EXPECT_EQ(text(ShardFile::prepared, 2), request_line("x") + "\n");
    EXPECT_EQ(count_events(EventKind::batch_again), 1U);
    EXPECT_TRUE(job().reason.empty());
}

TEST_F(CollectorTest, ALineThatOnlyTheMessageNamesIsSetAside) {
    refused({.message = "Line 2: no such parameter"});
    start();
    EXPECT_EQ(job().failed, 1U);
    EXPECT_NE(text(ShardFile::failed).find(R"("custom_id":"y")"), std::string::npos);
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorTest, ABatchThatWasGivenUpIsNotAskedForAndItsFileIsLeftAlone) {
    ASSERT_TRUE(store->batches.record_end(
        batch.id, {.status = "in_progress", .outcome = store::Outcome::abandoned}, clock.now()));
    start();
    EXPECT_EQ(job().failed, 3U);
    EXPECT_NE(text(ShardFile::failed).find("batch_gone"), std::string::npos);
    EXPECT_TRUE(provider.calls.empty());
    EXPECT_EQ(store->unused_files.count().value(), 0U);
}

TEST_F(CollectorTest, OfAJobWhoseTermsCantBeReadNothingIsJudgedUntilTheyAreBack) {
    const std::string terms = to_json(terms_of(settings));
    end({.output = {result_row("x"), result_row("y")}, .errors = {error_row("z", "server_error")}});
    store->database.run("UPDATE jobs SET terms = 'nonsense'").value();
    start();
    advance(6h);
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(count_events(EventKind::batch_held), 1U) << "said once";
    EXPECT_EQ(batches_of(batch.job_id).size(), 1U) << "nothing of it goes out again";

    store->database.run("UPDATE jobs SET terms = ?", terms).value();
    EXPECT_TRUE(eventually([this] { return collected(); }));
    EXPECT_EQ(job().succeeded, 2U) << "nothing is lost";
}

}  // namespace
}  // namespace batchd::engine
