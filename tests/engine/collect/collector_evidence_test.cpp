// What the collector believes of a batch that seems to have ended.

#include "engine/collector_fixture.hpp"

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

struct CollectorEvidenceTest : CollectorTest {
    const std::vector<std::string> all_rows{result_row("x"), result_row("y"), result_row("z")};

    bool has_one_attempt() { return batches_of(batch.job_id).size() == 1; }
    void ask_for_cancel() { store->jobs.record_cancel_asked(batch.job_id, clock.now()).value(); }
};

TEST_F(CollectorEvidenceTest, ACompletedBatchWhoseFilesComeLateIsLookedAtAgain) {
    end({.output = all_rows});
    const std::string output = provider.batch("batch_1").output_file_id;
    provider.batch("batch_1").output_file_id.clear();
    store->database.run("UPDATE batches SET output_file_id = NULL, completed = 0").value();
    start();
    EXPECT_FALSE(collected());
    EXPECT_NE(detail_of_last(EventKind::waiting).find("names no result files yet"), std::string::npos);
    advance(5min);
    EXPECT_FALSE(collected());
    provider.batch("batch_1").output_file_id = output;
    ASSERT_TRUE(eventually([&] { return collected(); }, 10min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, WhatACompletedBatchNeverShowsIsLostAndNotSentAgain) {
    end({.output = {result_row("x")}});
    start();
    advance(59min);
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 5min));
    EXPECT_TRUE(has_one_attempt());
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(job().failed, 2U);
    EXPECT_EQ(row(batch).lost, 2U);
    EXPECT_NE(text(ShardFile::failed).find("answer_lost"), std::string::npos);
    EXPECT_EQ(count_events(EventKind::answers_lost), 1U);
}

TEST_F(CollectorEvidenceTest, ThePatienceIsReadAnew) {
    end({.output = {result_row("x")}});
    start();
    settings.retry.result_patience = 1min;
    EXPECT_TRUE(eventually([&] { return collected(); }, 10min));
}

TEST_F(CollectorEvidenceTest, AStartLongAfterTheEndHasItsPatienceBeforeAnAnswerIsLost) {
    end({.output = {result_row("x")}});
    advance(10h);
    start();
    advance(settings.retry.result_patience / 2);
    EXPECT_FALSE(collected());
    EXPECT_TRUE(eventually([&] { return collected(); }, settings.retry.result_patience));
}

struct BadDownloadTest : CollectorEvidenceTest, ::testing::WithParamInterface<std::string> {};

TEST_P(BadDownloadTest, IsFetchedAgainAndNothingIsSentTwice) {
    provider.bad_downloads = {GetParam(), GetParam()};
    end({.output = all_rows});
    start();
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_TRUE(has_one_attempt());
    EXPECT_EQ(text(ShardFile::unreadable), "") << "nothing of what was fetched wrongly is kept";
}

TEST_P(BadDownloadTest, IsFetchedAgainWhereTheProviderDoesNotSayHowLongAFileIs) {
    provider.hides_sizes = true;
    provider.bad_downloads = {GetParam()};
    end({.output = all_rows});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_P(BadDownloadTest, OfAnExpiredBatchAsWell) {
    provider.bad_downloads = {GetParam()};
    end({.status = "expired", .output = {result_row("x"), result_row("y")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 2U);
    EXPECT_EQ(next().requests, 1U) << "only the one that never ran goes out again";
}

INSTANTIATE_TEST_SUITE_P(Brings, BadDownloadTest,
                         ::testing::Values("", "<html>\n<title>Bad gateway</title>\n</html>\n",
                                           R"({"error":{"message":"try again"}})", result_row("x") + "\n",
                                           result_row("alien") + "\n" + result_row("other") + "\n",
                                           result_row("x") + "\n" + result_row("y").substr(0, 40)),
                         [](const auto& param) { return "Case" + std::to_string(param.index); });

struct RightSizeTest : CollectorEvidenceTest, ::testing::WithParamInterface<std::string> {};

TEST_P(RightSizeTest, OfADownloadThatLacksARowIsNoReasonNotToFetchItAgain) {
    provider.bad_downloads = {all_rows[0] + "\n" + all_rows[1] + "\n" + GetParam() + "\n"};
    end({.output = all_rows});
    ASSERT_EQ(provider.bad_downloads.front().size(), 3 * (all_rows[0].size() + 1));
    start();
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_TRUE(has_one_attempt());
}

INSTANTIATE_TEST_SUITE_P(Has, RightSizeTest,
                         ::testing::Values(result_row("y"), std::string(result_row("z").size(), ' ')),
                         [](const auto& param) { return "Case" + std::to_string(param.index); });

TEST_F(CollectorEvidenceTest, TheErrorFileIsHeldToTheSame) {
    provider.bad_downloads = {result_row("x") + "\n", ""};
    end({.output = {result_row("x")}, .errors = {result_row("y", 400), result_row("z", 400)}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().failed, 2U);
    EXPECT_EQ(row(batch).lost, 0U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, AFileThatIsWholeIsFetchedOnce) {
    end({.status = "expired", .output = {result_row("x")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(provider.count(Call::download), 1U);
    EXPECT_EQ(provider.count(Call::retrieve), 1U) << "two looks: the poller's, and one more";
}

TEST_F(CollectorEvidenceTest, WhereEveryRowHasItsLineTheSizeIsAllThatIsAskedFor) {
    end({.output = all_rows});
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(provider.count(Call::download), 1U);
    EXPECT_EQ(provider.count(Call::retrieve_file), 1U);
    EXPECT_EQ(provider.count(Call::retrieve), 0U);
    EXPECT_EQ(provider.count(Call::list_batches), 1U) << "for a second batch that a gateway made";
}

TEST_F(CollectorEvidenceTest, OneWalkThroughTheListServesAllBatchesThatEndedTogether) {
    std::vector<store::Batch> all;
    for (std::uint64_t shard = 2; shard <= 41; ++shard) {
        all.push_back(add_shard(batch.job_id, shard, {"s" + std::to_string(shard)}));
        put_in_flight(all.back());
        const std::string id = row(all.back()).batch_id;
        provider.answer_all(id);
        const auto& object = provider.batch(id);
        ASSERT_TRUE(store->batches.record_end(
            all.back().id, {.status = "completed", .output_file_id = object.output_file_id}, clock.now()));
    }
    provider.latency[Call::download] = 1s;  // they are collected one after another
    start();
    const auto are_collected = [&] {
        return std::all_of(all.begin(), all.end(), [&](const store::Batch& one) {
            return phase(one) == store::BatchPhase::collected;
        });
    };
    ASSERT_TRUE(eventually(are_collected, 5min));
    EXPECT_EQ(provider.count(Call::list_batches), 1U);
}

TEST_F(CollectorEvidenceTest, AListThatTakesAMinuteToFailHoldsUpNoAnswers) {
    std::vector<store::Batch> all;
    for (std::uint64_t shard = 2; shard <= 21; ++shard) {
        all.push_back(add_shard(batch.job_id, shard, {"s" + std::to_string(shard)}));
        put_in_flight(all.back());
        const std::string id = row(all.back()).batch_id;
        provider.answer_all(id);
        ASSERT_TRUE(store->batches.record_end(
            all.back().id, {.status = "completed", .output_file_id = provider.batch(id).output_file_id},
            clock.now()));
    }
    provider.latency[Call::list_batches] = 1min;
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    start();
    const auto are_collected = [&] {
        return std::all_of(all.begin(), all.end(), [&](const store::Batch& one) {
            return phase(one) == store::BatchPhase::collected;
        });
    };
    EXPECT_TRUE(eventually(are_collected, 2min));
}

TEST_F(CollectorEvidenceTest, ALineThatCannotBeReadIsKeptAndItsRowIsNotSentAgain) {
    const std::string broken = "{\"custom_id\":\"y\",\"response\":\"\x01\"}";
    end({.output = {result_row("x"), broken, result_row("z")}});
    start();
    EXPECT_FALSE(collected()) << "another download may bring it whole";
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(job().succeeded, 2U);
    EXPECT_EQ(row(batch).lost, 1U);
    EXPECT_TRUE(has_one_attempt());
    EXPECT_EQ(text(ShardFile::unreadable), broken + "\n");
}

TEST_F(CollectorEvidenceTest, ALineThatNamesNobodyMayBeThatOfAnyRowWithoutOne) {
    end({.status = "expired", .output = {result_row("x"), "garbage"}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(row(batch).lost, 2U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, AnExpiredBatchThatShowsItsFilesLateIsPaidOnce) {
    end({.status = "expired", .output = {result_row("x"), result_row("y")}});
    const std::string output = provider.batch("batch_1").output_file_id;
    provider.batch("batch_1").output_file_id.clear();
    store->batches.record_sighting(batch.id, {.status = "expired"}, clock.now()).value();
    start();
    EXPECT_FALSE(collected());
    provider.batch("batch_1").output_file_id = output;
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 2U);
    EXPECT_EQ(next().requests, 1U);
}

TEST_F(CollectorEvidenceTest, AnExpiredBatchThatCountsMoreAnswersThanItShowsIsWaitedFor) {
    end({.status = "expired", .output = {result_row("x")}});
    provider.batch("batch_1").completed = 2;
    start();
    advance(30min);
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 1h));
    EXPECT_EQ(row(batch).lost, 2U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, WhatTheErrorFileListsAsNotRunGoesOutAgainAtOnce) {
    end({.status = "expired",
         .output = {result_row("x")},
         .errors = {error_row("y", "batch_expired"), error_row("z", "batch_expired")}});
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorEvidenceTest, AnEndThatIsTakenBackIsWatchedOn) {
    end({.status = "expired"});
    provider.set_status("batch_1", "in_progress");
    const auto poller = own_wakes.poller.times_raised();
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
    EXPECT_EQ(row(batch).status, "in_progress");
    EXPECT_FALSE(row(batch).outcome);
    EXPECT_GT(own_wakes.poller.times_raised(), poller);
    EXPECT_EQ(count_events(EventKind::batch_reopened), 1U);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, AFailureThatIsTakenBackIsWatchedOn) {
    refused({.code = "server_error", .message = "Sorry."});
    provider.set_status("batch_1", "validating");
    start();
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_TRUE(has_one_attempt());
}

TEST_F(CollectorEvidenceTest, WhatItNamedOnceIsNotForgottenWithACopyThatLags) {
    for (const std::string status : {"expired", "completed"}) {
        crash();
        const auto shard = add_shard(batch.job_id, status == "expired" ? 2 : 3, {"x", "y"});
        put_in_flight(shard);
        const std::string id = row(shard).batch_id;
        provider.finish(id, {.status = status, .output = {result_row("x")}});
        auto& object = provider.batch(id);
        ASSERT_TRUE(store->batches.record_end(
            shard.id, {.status = status, .completed = 2, .output_file_id = object.output_file_id},
            clock.now()));
        start();
        ASSERT_EQ(phase(shard), BatchPhase::ended) << "one answer is not there yet";
        object.output_file_id.clear();
        object.completed = 0;
        ASSERT_TRUE(eventually([&] { return phase(shard) == BatchPhase::collected; }, 3h));
        EXPECT_EQ(row(shard).completed, 1U) << status;
        EXPECT_EQ(row(shard).lost, 1U) << status;
    }
    EXPECT_EQ(job().succeeded, 2U);
}

TEST_F(CollectorEvidenceTest, CopiesThatDisagreeAboutTheEndDoNotKeepItOpen) {
    end({.status = "expired", .output = {result_row("x")}});
    provider.on_call = [&](Call call) {
        if (call != Call::retrieve) return;
        auto& object = provider.batch("batch_1");
        provider.set_status("batch_1", object.status_word == "expired" ? "completed" : "expired");
    };
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 3h));
    EXPECT_EQ(count_events(EventKind::batch_reopened), 0U);
    EXPECT_EQ(job().succeeded, 1U);
}

TEST_F(CollectorEvidenceTest, AResultFileThatIsGoneIsAskedForAgain) {
    end({.output = all_rows});
    provider.fail(Call::download, 1, testing::in_own_words(FailureKind::not_found));
    start();
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_EQ(count_events(EventKind::batch_gone), 0U);
}

TEST_F(CollectorEvidenceTest, AResultFileThatStaysAwayLosesItsRows) {
    end({.output = {result_row("x")}, .errors = {result_row("y", 400), result_row("z", 500)}});
    provider.forget_file(row(batch).output_file_id);
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(count_events(EventKind::batch_gone), 1U);
    EXPECT_EQ(row(batch).lost, 1U);
    EXPECT_EQ(job().failed, 2U);
    EXPECT_EQ(next().requests, 1U) << "the row with 500 says itself that it was not answered";
}

TEST_F(CollectorEvidenceTest, WhatAnEarlierDownloadShowedIsNotLostByALaterOne) {
    const std::string broken = "{\"custom_id\":\"y\",\"response\":\"\x01\"}";
    end({.output = {result_row("x"), broken, result_row("z")}});
    start();
    settings.retry.result_patience = 1min;
    provider.bad_downloads.assign(1000, "");
    ASSERT_TRUE(eventually([&] { return collected(); }, 10min));
    EXPECT_EQ(job().succeeded, 2U);
    EXPECT_EQ(row(batch).lost, 1U);
    EXPECT_EQ(text(ShardFile::unreadable), broken + "\n");
}

TEST_F(CollectorEvidenceTest, NorByAFileThatIsGoneAfterwards) {
    end({.output = {result_row("x"), "garbage", result_row("z")}});
    start();
    provider.forget_file(row(batch).output_file_id);
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_EQ(job().succeeded, 2U);
    EXPECT_EQ(count_events(EventKind::batch_gone), 1U);
}

TEST_F(CollectorEvidenceTest, WithTheKeyOfAnotherProjectNoAnswerIsLost) {
    store->batches.record_account(batch.id, {"https://api.example/v1", "0123456789ab"}).value();
    end({.output = all_rows});
    provider.its_identity.digest = "another key ";
    provider.fail_always(Call::download, testing::in_own_words(FailureKind::not_found));
    provider.fail_always(Call::retrieve, testing::in_own_words(FailureKind::not_found));
    start();
    advance(100h);
    EXPECT_FALSE(collected());
    EXPECT_EQ(count_events(EventKind::batch_held), 1U);
    EXPECT_EQ(count_events(EventKind::batch_released), 0U);
    provider.its_identity.digest = "0123456789ab";
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1h));
    EXPECT_EQ(job().succeeded, 3U);
}

TEST_F(CollectorEvidenceTest, APageOnTheWayLosesNoFileHoweverLongItStays) {
    end({.output = all_rows});
    provider.fail_always(Call::download, failure(FailureKind::not_found));
    start();
    advance(100h);
    EXPECT_FALSE(collected());
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1h));
    EXPECT_EQ(job().succeeded, 3U);
}

TEST_F(CollectorEvidenceTest, AFailedBatchWithEmptyFilesIsJudgedByItsErrors) {
    end({.status = "failed", .refusals = {{.code = "model_not_found", .message = "No such deployment."}}});
    provider.batch("batch_1").output_file_id = provider.add_file("out", "");
    provider.batch("batch_1").error_file_id = provider.add_file("err", "");
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().failed, 3U);
    EXPECT_EQ(job().reason, "model_not_found: No such deployment.");
}

TEST_F(CollectorEvidenceTest, AFailedBatchWithAnswersKeepsThem) {
    end({.status = "failed", .output = {result_row("x")}, .refusals = {{.code = "server_error"}}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(next().requests, 2U);
}

TEST_F(CollectorEvidenceTest, WithACancelOfOursNothingIsSentAgain) {
    ask_for_cancel();
    end({.status = "cancelled", .output = {result_row("x")}});
    start();
    ASSERT_TRUE(eventually([&] { return collected(); }, 1min));
    EXPECT_TRUE(has_one_attempt());
    EXPECT_NE(text(ShardFile::failed).find("batch_cancelled"), std::string::npos);
    EXPECT_EQ(row(batch).lost, 0U);
}

TEST_F(CollectorEvidenceTest, WhatTheProviderDidNotEndIsTakenWithWhatItShows) {
    ask_for_cancel();
    provider.finish("batch_1", {.status = "terminated", .output = {result_row("x")}});
    ASSERT_TRUE(store->batches.record_end(batch.id,
                                          {.status = "terminated",
                                           .output_file_id = provider.batch("batch_1").output_file_id,
                                           .outcome = store::Outcome::unanswered_cancel},
                                          clock.now()));
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(job().failed, 2U);
    EXPECT_NE(text(ShardFile::failed).find("batch_cancelled"), std::string::npos);
}

TEST_F(CollectorEvidenceTest, ResultsOnOurOwnDiskThatWeHaveEndedAreTakenAtTheLastLookAndDeleted) {
    settings.provider.delete_files = true;
    provider.lies_here = true;
    ask_for_cancel();
    provider.finish("batch_1", {.status = "cancelling", .output = {result_row("x")}});
    const std::string output = provider.batch("batch_1").output_file_id;
    store->batches.record_account(batch.id, {provider.its_identity.base_url, ""}).value();
    store->batches
        .record_end(
            batch.id,
            {.status = "cancelling", .output_file_id = output, .outcome = store::Outcome::unanswered_cancel},
            clock.now())
        .value();
    advance(settings.retry.cancel_patience + 1h);
    start();
    EXPECT_TRUE(collected());
    EXPECT_EQ(job().succeeded, 1U);
    EXPECT_EQ(job().failed, 2U);
    const auto unused = store->unused_files.to_delete(account_name, 10).value();
    ASSERT_EQ(unused.size(), 1U);
    EXPECT_EQ(store->unused_files.find(unused.front()).value()->file_id, output);
}

TEST_F(CollectorEvidenceTest, FilesThatCannotBeHadDoNotKeepACancelledJob) {
    settings.retry.cancel_patience = 1h;
    end({.output = all_rows});
    provider.fail_always(Call::download, failure(FailureKind::unavailable));
    start();
    ask_for_cancel();
    advance(50min);
    EXPECT_FALSE(collected());
    ASSERT_TRUE(eventually([&] { return collected(); }, 20min));
    EXPECT_EQ(provider.count(Call::list_batches), 0U) << "nor does a list that may not be answered either";
    EXPECT_EQ(row(batch).lost, 3U) << "they may have been paid";
    EXPECT_EQ(job().state, JobState::delivering);
}

TEST_F(CollectorEvidenceTest, WhatWasMadeElsewhereIsNotAskedForAndGoesOnOnceItCan) {
    store->batches.record_account(batch.id, {"https://old.example/v1", "0123456789ab"}).value();
    end({.output = all_rows});
    start();
    advance(1h);
    EXPECT_TRUE(provider.calls.empty());
    EXPECT_EQ(count_events(EventKind::batch_held), 1U);
    EXPECT_EQ(store->conditions.of_job(batch.job_id).value().size(), 1U);
    provider.its_identity.base_url = "https://old.example/v1";
    ASSERT_TRUE(eventually([&] { return collected(); }, 10min));
    EXPECT_EQ(job().succeeded, 3U);
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_EQ(count_events(EventKind::batch_released), 1U);
}

TEST_F(CollectorEvidenceTest, WhatIsHeldElsewhereDoesNotKeepACancelledJob) {
    store->batches.record_account(batch.id, {"https://old.example/v1", "0123456789ab"}).value();
    settings.retry.cancel_patience = 1h;
    end({.output = all_rows});
    start();
    ask_for_cancel();
    ASSERT_TRUE(eventually([&] { return collected(); }, 2h));
    EXPECT_TRUE(provider.calls.empty());
    EXPECT_TRUE(store->conditions.all().value().empty());
}

}  // namespace
}  // namespace batchd::engine
