#include "engine/submit/submitter.hpp"

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;
using testing::Took;

struct SubmitterDoubtTest : SubmitterFixture {
    store::Batch batch = add_planned("a", {"x", "y"});

    bool in_flight() { return phase(batch) == BatchPhase::watching; }
    provider::Failure doubt() { return failure(FailureKind::doubt); }
    /// Takes the row to where a crash in the middle of the upload leaves it.
    void crash_in_upload() {
        ASSERT_TRUE(store->jobs.change_state(batch.job_id, store::JobState::running));
        ASSERT_TRUE(store->batches.begin(batch.id, BatchPhase::uploading, clock.now()));
    }
    std::string crash_in_create() {
        crash_in_upload();
        const std::string id = provider.add_file(
            "batchd-" + batch.key + ".jsonl",
            testing::texts_of(layout.shard_file(job(batch.job_id).key, {1, 1}, spool::ShardFile::prepared)));
        EXPECT_TRUE(store->batches.record_upload(batch.id, id));
        EXPECT_TRUE(store->batches.begin(batch.id, BatchPhase::creating, clock.now()));
        return id;
    }
};

/// A queue with a fallback, at a provider whose path of batches is not there.
struct SubmitterNoBatchTest : SubmitterDoubtTest {
    SubmitterNoBatchTest() {
        Terms terms = terms_of(settings);
        terms.fallback = Fallback{"gpu", {}, {}, {}};
        store->database.run("UPDATE jobs SET terms = ?", to_json(terms)).value();
    }
    static provider::Failure not_found(FailureKind kind) {
        provider::Failure failure = testing::failure(kind);
        failure.http_status = 404;
        failure.in_own_words = kind == FailureKind::not_found;
        failure.message = R"({"detail":"Not Found"})";
        return failure;
    }
};

TEST_F(SubmitterNoBatchTest, IsBelievedAfterAFewTriesAndALook) {
    for (const FailureKind kind : {FailureKind::doubt, FailureKind::not_found}) {
        const auto batch_of_kind = add_planned(std::string(provider::to_string(kind)), {"x"});
        store->database.run("UPDATE jobs SET terms = (SELECT terms FROM jobs WHERE name = 'a')").value();
        provider.fail_always(Call::create, not_found(kind));
        provider.calls.clear();
        start_again();
        ASSERT_TRUE(eventually([&] { return phase(batch_of_kind) == BatchPhase::ended; }, 10min));
        EXPECT_EQ(row(batch_of_kind).outcome, store::Outcome::no_batch);
        EXPECT_EQ(provider.calls.back().call, Call::list_batches) << "nothing of it runs there";
    }
}

TEST_F(SubmitterNoBatchTest, WhatWasMadeAllTheSameIsAdopted) {
    provider.fail(Call::create, 1, not_found(FailureKind::doubt));
    provider.fail(Call::create, 2, not_found(FailureKind::doubt), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
    EXPECT_EQ(provider.count(Call::create), 2U);
}

TEST_F(SubmitterNoBatchTest, WithoutFilesThereAreNoBatchesEither) {
    provider.fail_always(Call::upload, not_found(FailureKind::not_found));
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::ended; }, 10min));
    EXPECT_EQ(row(batch).outcome, store::Outcome::no_batch);
    EXPECT_EQ(provider.count(Call::upload), 3U);
}

TEST_F(SubmitterDoubtTest, WithoutAFallbackAMissingPathIsWaitedFor) {
    provider.fail_always(Call::create, SubmitterNoBatchTest::not_found(FailureKind::not_found));
    start();
    advance(1h);
    EXPECT_NE(phase(batch), BatchPhase::ended);
}

TEST_F(SubmitterDoubtTest, AnUploadThatTookEffectIsAdopted) {
    provider.fail(Call::upload, 1, doubt(), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
    EXPECT_EQ(row(batch).input_file_id, "file-1");
    EXPECT_EQ(events(), (std::vector<std::string>{"doubt", "doubt_settled", "batch_created"}));
}

TEST_F(SubmitterDoubtTest, AnUploadWithoutEffectIsMadeAgainAfterTheLagAndOneLook) {
    provider.fail(Call::upload, 1, doubt());
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploading);
    advance(9'999ms);
    EXPECT_EQ(provider.count(Call::upload), 1U);
    EXPECT_EQ(provider.count(Call::list_files), 1U);
    advance(1ms);
    EXPECT_EQ(provider.count(Call::list_files), 2U) << "the look that counts";
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10s));
    EXPECT_EQ(provider.count(Call::upload), 2U) << "once more, and no more";
}

TEST_F(SubmitterDoubtTest, AnUploadIsMadeAgainWhereTheProviderHasNoListOfFiles) {
    provider.fail(Call::upload, 1, doubt());
    provider.fail_always(Call::list_files, failure(FailureKind::unsupported));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10s));
    EXPECT_EQ(provider.count(Call::upload), 2U);
}

TEST_F(SubmitterDoubtTest, AnUploadIsMadeAgainWhereTheListOfFilesFailsAgainAndAgain) {
    provider.fail(Call::upload, 1, doubt(), Took::effect);
    provider.fail_always(Call::list_files, failure(FailureKind::unavailable));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
    EXPECT_EQ(provider.count(Call::upload), 2U);
    EXPECT_EQ(provider.count(Call::list_files), 3U);
}

TEST_F(SubmitterDoubtTest, AnUploadThatIsAnsweredWithAnotherFileIsNotUsed) {
    provider.add_file("somebody's.jsonl", "{}\n");
    provider.answer_upload_with = "file-1";
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).input_file_id, "file-2") << "the one that was made is found by its name";
    EXPECT_EQ(count_events(EventKind::doubt), 1U);
}

TEST_F(SubmitterDoubtTest, AnUploadThatIsListedLateIsAdopted) {
    provider.list_lag = 9s;
    provider.fail(Call::upload, 1, doubt(), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(SubmitterDoubtTest, ARowFoundInUploadingIsLookedForBeforeItIsSent) {
    crash_in_upload();
    start();
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(provider.count(Call::list_files), 1U);
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(SubmitterDoubtTest, AFileOfOurNameButAnotherSizeIsNotAdopted) {
    crash_in_upload();
    provider.add_file("batchd-" + batch.key + ".jsonl", "half");
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
    EXPECT_EQ(row(batch).input_file_id, "file-2");
}

TEST_F(SubmitterDoubtTest, UploadsThatAlwaysEndInDoubtBackOff) {
    for (unsigned nth = 1; nth <= 1000; ++nth) provider.fail(Call::upload, nth, doubt());
    start();
    advance(1h);
    EXPECT_LE(provider.count(Call::upload), 25U);
    EXPECT_GE(provider.count(Call::upload), 8U);
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
}

TEST_F(SubmitterDoubtTest, UploadsInDoubtDoNotGoInCirclesWhereListingsDoNotLag) {
    settings.provider.list_lag = 0s;
    for (unsigned nth = 1; nth <= 1000; ++nth) provider.fail(Call::upload, nth, doubt());
    start();
    EXPECT_EQ(provider.count(Call::upload), 1U);
    advance(1h);
    EXPECT_LE(provider.count(Call::upload), 40U);
}

TEST_F(SubmitterDoubtTest, ACreateThatTookEffectIsAdopted) {
    provider.fail(Call::create, 1, doubt(), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_EQ(provider.count_batches(), 1U);
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(events(), (std::vector<std::string>{"doubt", "doubt_settled", "batch_created"}));
}

TEST_F(SubmitterDoubtTest, ACreateWithoutEffectIsSentOnceMoreAfterTheLagAndTwoLooks) {
    provider.fail(Call::create, 1, doubt());
    start();
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    advance(10s);
    EXPECT_EQ(provider.count(Call::create), 1U);
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_GE(provider.count(Call::list_batches), 2U);
    EXPECT_EQ(provider.count_paid(), 1U);
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(SubmitterDoubtTest, ACreateThatIsListedLateIsAdopted) {
    provider.list_lag = 9s;
    provider.fail(Call::create, 1, doubt(), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ALookThatFailsCountsForNothing) {
    provider.fail(Call::create, 1, doubt(), Took::effect);
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    start();
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    EXPECT_EQ(provider.count(Call::create), 1U);
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
    EXPECT_EQ(provider.count_batches(), 1U);
}

TEST_F(SubmitterDoubtTest, ARowFoundInCreatingIsAdoptedByItsKey) {
    crash_in_create();
    provider.add_batch(batch.key, "mangled");
    start();
    EXPECT_TRUE(in_flight());
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(SubmitterDoubtTest, ARowFoundInCreatingIsAdoptedByItsInputFile) {
    const std::string file_id = crash_in_create();
    provider.add_batch("", file_id);
    start();
    EXPECT_TRUE(in_flight());
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(SubmitterDoubtTest, ARowFoundInCreatingIsFoundBehindHundredsOfOtherBatches) {
    const std::string file_id = crash_in_create();
    provider.add_batch(batch.key, file_id);
    for (int i = 0; i < 450; ++i) provider.add_batch("", "somebody's");
    start();
    EXPECT_TRUE(in_flight());
    EXPECT_EQ(row(batch).batch_id, "batch_1");
}

TEST_F(SubmitterDoubtTest, ACrashInEachDoubtBeginsTheWaitAnew) {
    crash_in_create();
    start();
    advance(9s);
    start_again();
    advance(9s);
    start_again();
    advance(9s);
    EXPECT_EQ(provider.count(Call::create), 0U);
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ARowFoundLongAfterItsIntentIsStillFound) {
    const std::string file_id = crash_in_create();
    provider.add_batch(batch.key, file_id);
    advance(30h);
    start();
    EXPECT_TRUE(in_flight());
    EXPECT_EQ(provider.count_batches(), 1U);
}

TEST_F(SubmitterDoubtTest, ABatchWithoutATimeDoesNotEndTheLook) {
    const std::string file_id = crash_in_create();
    provider.add_batch(batch.key, file_id);
    provider.add_batch("", "somebody's").created_at = TimePoint{};
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_EQ(row(batch).batch_id, "batch_1");
}

TEST_F(SubmitterDoubtTest, ATwinIsCancelledAndTheFirstIsAdopted) {
    const std::string file_id = crash_in_create();
    provider.add_batch(batch.key, file_id);
    provider.add_batch(batch.key, file_id);
    start();
    EXPECT_TRUE(in_flight());
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(provider.batch("batch_2").status, provider::BatchStatus::cancelling);
    EXPECT_EQ(provider.count_paid(), 1U);
    EXPECT_EQ(count_events(EventKind::twin_cancelled), 1U);
}

TEST_F(SubmitterDoubtTest, ATwinThatCannotBeStoppedDoesNotHoldUpTheFirst) {
    const std::string file_id = crash_in_create();
    for (int i = 0; i < 2; ++i) provider.add_batch(batch.key, file_id);
    provider.fail_always(Call::cancel, failure(FailureKind::refused));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
}

TEST_F(SubmitterDoubtTest, ATwinIsNotForgottenWhileTheProviderIsAway) {
    const std::string file_id = crash_in_create();
    for (int i = 0; i < 2; ++i) provider.add_batch(batch.key, file_id);
    provider.fail_always(Call::cancel, failure(FailureKind::unreachable));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count_paid(), 1U);
}

TEST_F(SubmitterDoubtTest, OfTwoTheOneThatIsFurtherAlongIsAdopted) {
    const std::string file_id = crash_in_create();
    provider.add_batch(batch.key, file_id);
    provider.add_batch(batch.key, file_id);
    provider.answer_all("batch_2");
    start();
    EXPECT_EQ(row(batch).batch_id, "batch_2");
    EXPECT_EQ(provider.batch("batch_1").status, provider::BatchStatus::cancelling);
}

TEST_F(SubmitterDoubtTest, ABatchWithoutMarkAndFileIsAskedForByItsId) {
    const std::string file_id = crash_in_create();
    provider.add_batch("", "");
    bool is_listed = false;
    provider.on_call = [&](Call call) {  // the listing drops what a retrieve shows
        if (call == Call::list_batches) is_listed = true;
        if (call == Call::retrieve && is_listed) provider.batch("batch_1").input_file_id = file_id;
    };
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(SubmitterDoubtTest, ABatchThatNobodyCanTellFromOursHoldsTheCreateForTheOperator) {
    crash_in_create();
    provider.add_batch("", "");
    start();
    advance(48h);
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    EXPECT_EQ(count_events(EventKind::waiting), 1U);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("batch_1 may be this batch"), std::string::npos);
    provider.forget_batch("batch_1");
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 30min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ABatchOfAFileThatNobodyKnowsMayBeOursAndHoldsTheCreate) {
    crash_in_create();
    provider.add_batch("", "file-of-the-gateway");
    start();
    advance(48h);
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_NE(row(batch).held.find("batch_1 may be this batch"), std::string::npos) << row(batch).held;
}

TEST_F(SubmitterDoubtTest, WhatIsOfAnotherSizeEndpointOrTimeIsNotOurs) {
    crash_in_create();
    provider.add_batch("", "another-size").total = 3;
    provider.add_batch("", "another-endpoint").endpoint = "/v1/embeddings";
    provider.add_batch("", "another-time").created_at = clock.now() - 2h;
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 30min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ABatchOfSomebodyElsesFileIsNotOurs) {
    crash_in_create();
    provider.add_batch("", provider.add_file("theirs.jsonl", "{}\n"));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 30min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ABatchOfOurFileUnderAnotherIdIsAdopted) {
    const std::string file_id = crash_in_create();
    const std::string again =
        provider.add_file("batchd-" + batch.key + ".jsonl", std::string(row(batch).size_bytes, 'x'));
    ASSERT_NE(again, file_id);
    const std::string made = provider.add_batch("", again).id;
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 30min));
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_EQ(row(batch).batch_id, made);
}

TEST_F(SubmitterDoubtTest, ARepeatedCreateIsRememberedForTheWatch) {
    provider.fail(Call::create, 1, doubt());
    start();
    const TimePoint began = clock.now();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).repeat_of, began);
    EXPECT_EQ(store->repeats.watched_since("default", clock.now()).value(), began);
    EXPECT_FALSE(store->repeats.watched_since("default", clock.now() + 30min).value());
}

TEST_F(SubmitterDoubtTest, AnEarlierAttemptOnTheSameFileIsNotTaken) {
    put_in_flight(batch);
    ASSERT_TRUE(store->batches.record_end(batch.id, {.status = "failed"}, clock.now()));
    auto next = row(batch);
    next.attempt = 2;
    next.key = "11111111-1111-4111-8111-111111111111";
    ASSERT_TRUE(store->batches.add(next));
    provider.fail(Call::create, 1, doubt());
    start();
    const auto second = [&] { return store->batches.find_by_key(next.key).value().value(); };
    ASSERT_TRUE(eventually([&] { return second().phase == BatchPhase::watching; }, 1min));
    EXPECT_EQ(second().batch_id, "batch_2");
}

TEST_F(SubmitterDoubtTest, OneWakeAfterAnotherDoesNotShortenTheDoubt) {
    provider.fail(Call::create, 1, doubt());
    start();
    for (int i = 0; i < 20; ++i) {
        own_wakes.submitter.raise();
        settle();
    }
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_LE(provider.count(Call::list_batches), 2U);
}

TEST_F(SubmitterDoubtTest, ACreateThatIsAnsweredWithAnotherBatchIsLookedForAndNotMadeAgain) {
    provider.add_batch("somebody's", "their file");
    provider.answer_create_with = "batch_1";
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_2");
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ACreateThatIsAnsweredWithAnIdThatNobodyKnowsIsLookedFor) {
    provider.add_batch("", "");
    provider.answer_create_with = "batch_1";
    provider.on_call = [&](Call call) {
        if (call == Call::retrieve) provider.forget_batch("batch_1");
    };
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_2");
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, WhatACreateWasAnsweredWithIsTakenWhenItIsThereThoughNothingIsListed) {
    provider.add_batch("", "");
    provider.answer_create_with = "batch_1";
    provider.fail_always(Call::list_batches, failure(FailureKind::unsupported));
    for (unsigned nth = 1; nth <= 3; ++nth)
        provider.fail(Call::retrieve, nth, failure(FailureKind::not_found));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1h));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, ACreateThatIsToldToWaitIsLookedForBeforeItIsMadeAgain) {
    provider.fail(Call::create, 1, failure(FailureKind::conflict), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    const auto second = add_shard(batch.job_id, 2, {"z"});
    provider.fail(Call::create, 2, failure(FailureKind::rate_limited), Took::effect);
    own_wakes.submitter.raise();
    ASSERT_TRUE(eventually([&] { return phase(second) == BatchPhase::watching; }, 1h));
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_EQ(provider.count_batches(), 2U);
}

TEST_F(SubmitterDoubtTest, AnUploadThatIsAnotherFileEachTimeIsGivenUp) {
    provider.add_file("somebody's.jsonl", "{}\n");
    provider.answer_upload_with = "file-1";
    provider.fail_always(Call::list_files, failure(FailureKind::unsupported));
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::ended; }, 24h));
    EXPECT_EQ(provider.count(Call::upload), 11U);
    EXPECT_EQ(row(batch).outcome, store::Outcome::refused);
    EXPECT_NE(row(batch).error.find("\"somebody's.jsonl\" of 3 bytes"), std::string::npos)
        << row(batch).error;
}

TEST_F(SubmitterDoubtTest, ACreateThatWasAnsweredIsNeverMadeAgainAndFoundWhenItShows) {
    provider.list_lag = 24h;
    provider::Failure unreadable = doubt();
    unreadable.http_status = 200;
    provider.fail(Call::create, 1, unreadable, Took::effect);
    start();
    advance(20h);
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_NE(row(batch).held, "");
    EXPECT_EQ(store->conditions.of_job(batch.job_id).value().size(), 1U);
    EXPECT_EQ(count_events(EventKind::batch_held), 1U);
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 5h));
    EXPECT_EQ(row(batch).held, "");
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_EQ(count_events(EventKind::batch_released), 1U);
}

TEST_F(SubmitterDoubtTest, AListThatHidesABatchThatRunsProvesNothing) {
    const auto running = add_shard(batch.job_id, 2, {"z"});
    put_in_flight(running);
    advance(1h);
    provider.fail(Call::create, 1, doubt(), Took::effect);
    provider.list_lag = 72h;
    start();
    advance(24h);
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_NE(row(batch).held.find("does not show " + row(running).batch_id), std::string::npos);
    provider.list_lag = 0s;
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, WhereNoListProvesAnythingACreateIsRepeatedOnceAndThenHeld) {
    for (unsigned nth = 1; nth <= 1000; ++nth) provider.fail(Call::create, nth, doubt());
    start();
    advance(72h);
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_NE(row(batch).held.find("made twice without an answer"), std::string::npos);
    start_again();
    advance(24h);
    EXPECT_EQ(provider.count(Call::create), 2U) << "a crash does not forget it";
}

TEST_F(SubmitterDoubtTest, OnOurOwnDiskACreateThatIsNotThereIsMadeUntilItIs) {
    provider.lies_here = true;
    for (unsigned nth = 1; nth <= 4; ++nth) provider.fail(Call::create, nth, doubt());
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 72h));
    EXPECT_EQ(provider.count(Call::create), 5U);
    EXPECT_EQ(count_events(EventKind::batch_held), 0U);
}

TEST_F(SubmitterDoubtTest, ACreateThatAPageRefusesIsRepeatedOnceAndThenHeld) {
    auto page = doubt();
    page.http_status = 400;
    for (unsigned nth = 1; nth <= 1000; ++nth) provider.fail(Call::create, nth, page);
    start();
    advance(72h);
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_NE(row(batch).held.find("made twice without an answer"), std::string::npos);
}

TEST_F(SubmitterDoubtTest, ACreateThatAPageRefusesIsRepeatedOnceWhereNothingCanBeListed) {
    auto page = doubt();
    page.http_status = 413;
    for (unsigned nth = 1; nth <= 1000; ++nth) provider.fail(Call::create, nth, page);
    provider.fail_always(Call::list_batches, failure(FailureKind::unsupported));
    start();
    advance(72h);
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_NE(row(batch).held, "");
}

TEST_F(SubmitterDoubtTest, ACreateThatIsRefusedForTheKeyIsLookedForBeforeItIsMadeAgain) {
    provider.fail(Call::create, 1, failure(FailureKind::unauthorized), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1h));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterDoubtTest, AlsoWhereTheListShowsWhatWeKnowACreateIsRepeatedOnceAndThenHeld) {
    const auto running = add_shard(batch.job_id, 2, {"z"});
    put_in_flight(running);
    advance(1min);
    for (unsigned nth = 1; nth <= 4; ++nth) provider.fail(Call::create, nth, doubt());
    start();
    advance(72h);
    EXPECT_EQ(provider.count(Call::create), 2U);
    EXPECT_NE(row(batch).held.find("made twice without an answer, and the provider's list does not show it"),
              std::string::npos)
        << row(batch).held;
}

TEST_F(SubmitterDoubtTest, WhereTheListShowsWhatWeKnowWhatAPageRefusesIsMadeUntilItPasses) {
    const auto running = add_shard(batch.job_id, 2, {"z"});
    put_in_flight(running);
    advance(1min);
    auto page = doubt();
    page.http_status = 400;
    for (unsigned nth = 1; nth <= 4; ++nth) provider.fail(Call::create, nth, page);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
    EXPECT_EQ(provider.count(Call::create), 5U);
    EXPECT_EQ(row(batch).doubts, 0U);
}

TEST_F(SubmitterDoubtTest, AListThatLagsForLongerThanAnybodySaysMultipliesNoCreates) {
    const auto running = add_shard(batch.job_id, 2, {"z"});
    put_in_flight(running);
    advance(1h);
    provider.list_lag = 5min;  // thirty times what is configured
    for (unsigned nth = 1; nth <= 50; ++nth) provider.fail(Call::create, nth, doubt(), Took::effect);
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1h));
    EXPECT_EQ(provider.count(Call::create), 2U);
}

TEST_F(SubmitterDoubtTest, WithoutAListADoubtIsHeldAndACancelEndsIt) {
    provider.fail(Call::create, 1, doubt(), Took::effect);
    provider.fail_always(Call::list_batches, failure(FailureKind::unsupported));
    start();
    EXPECT_NE(row(batch).held, "");
    advance(48h);
    EXPECT_EQ(provider.count(Call::create), 1U);
    ASSERT_TRUE(store->jobs.record_cancel_asked(batch.job_id, clock.now()));
    submitter->take_up_cancel(batch.job_id);
    advance(59min);
    EXPECT_EQ(phase(batch), BatchPhase::creating) << "what is found can be cancelled";
    submitter->hurry(batch.id);
    settle();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).outcome, store::Outcome::unanswered_cancel);
    EXPECT_EQ(count_events(EventKind::batch_abandoned), 1U);
}

TEST_F(SubmitterDoubtTest, ACancelEndsADoubtThoughTheLookForItNeverReturns) {
    crash_in_create();
    provider.latency[Call::list_batches] = 1000h;
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    start();
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    submitter->hurry(batch.id);
    settle();
    EXPECT_EQ(row(batch).outcome, store::Outcome::unanswered_cancel);
    EXPECT_NE(detail_of_last(EventKind::batch_abandoned).find("may run at the provider"), std::string::npos);
}

TEST_F(SubmitterDoubtTest, ACreateThatIsUnderWayIsNotBrokenOffWhenThePatienceIsOver) {
    provider.answer_latency[Call::create] = 10s;
    start();
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    submitter->take_up_cancel(batch.job_id);
    submitter->hurry(batch.id);
    settle();
    ASSERT_EQ(phase(batch), BatchPhase::creating);
    advance(10s);
    EXPECT_EQ(phase(batch), BatchPhase::watching) << "by its id it can be stopped";
}

TEST_F(SubmitterDoubtTest, ADoubtOfAnotherAddressIsHeldAndTheOldAddressIsNamed) {
    crash_in_create();
    ASSERT_TRUE(
        store->batches.record_account(batch.id, {"https://other.example/v1", provider.its_identity.digest}));
    start();
    advance(1h);
    EXPECT_EQ(provider.count(Call::list_batches), 0U);
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_NE(row(batch).held.find("https://other.example/v1"), std::string::npos);
    provider.its_identity.base_url = "https://other.example/v1";
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
}

TEST_F(SubmitterDoubtTest, APassingRefusalIsTriedAgainAndOneThatStaysIsBelieved) {
    for (unsigned nth = 1; nth <= 3; ++nth) provider.fail(Call::create, nth, failure(FailureKind::conflict));
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    const auto second = add_shard(batch.job_id, 2, {"z"});
    provider.fail_always(Call::create, failure(FailureKind::conflict));
    own_wakes.submitter.raise();
    ASSERT_TRUE(eventually([&] { return phase(second) == BatchPhase::ended; }, 2h));
    EXPECT_EQ(row(second).outcome, store::Outcome::refused);
}

/// What a start does for jobs that were there before: the state may be an old copy.
struct StartLooksTest : SubmitterDoubtTest {
    void start_with_the_past() {
        submitter = std::make_unique<Submitter>(submitter_ports(), holds, new_surveyor(),
                                                LostAttempts::all_of(*store));
        tasks->spawn(submitter->run());
        settle();
    }
};

TEST_F(StartLooksTest, WhatWasSentSinceTheCopyWasTakenIsAdopted) {
    const std::string file_id = provider.add_file("x", "");
    provider.add_batch(batch.key, file_id);
    provider.answer_all("batch_1");
    start_with_the_past();
    EXPECT_EQ(provider.count(Call::list_batches), 0U) << "not before the lag: it may have been made just now";
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 11s));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(provider.count(Call::create), 0U);
    EXPECT_EQ(provider.count(Call::upload), 0U);
}

TEST_F(StartLooksTest, WhatWasCancelledInTheMiddleOfAnUploadIsAdoptedToBeStopped) {
    crash_in_upload();
    provider.add_batch(batch.key, provider.add_file("x", ""));
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    start_with_the_past();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(row(batch).input_file_id, "file-1");
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(StartLooksTest, ACancelEndsWhatNobodyCanLookForAndSaysWhatMayBeOpen) {
    provider.latency[Call::list_batches] = 1000h;
    start_with_the_past();
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    submitter->take_up_cancel(batch.job_id);
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::planned) << "it may have been sent";
    submitter->hurry(batch.id);
    settle();
    EXPECT_EQ(row(batch).outcome, store::Outcome::unanswered_cancel);
    EXPECT_NE(detail_of_last(EventKind::batch_abandoned).find("may run at the provider"), std::string::npos);
    EXPECT_EQ(provider.count(Call::upload), 0U);
}

TEST_F(StartLooksTest, OneWalkServesAllAndWhatIsReallyNewIsSent) {
    for (std::uint64_t shard = 2; shard <= 40; ++shard) add_shard(batch.job_id, shard, {"z"});
    start_with_the_past();
    const auto all_fly = [&] {
        const auto rows = batches_of(batch.job_id);
        return std::all_of(rows.begin(), rows.end(),
                           [](const auto& row) { return row.phase == BatchPhase::watching; });
    };
    ASSERT_TRUE(eventually(all_fly, 1min));
    EXPECT_EQ(provider.count(Call::list_batches), 1U);
    EXPECT_EQ(provider.count(Call::create), 40U);
}

TEST_F(StartLooksTest, ALaterAttemptOfAnOldJobIsLookedForAsWell) {
    start_with_the_past();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    auto next = row(batch);
    next.attempt = 2;
    next.key = "11111111-1111-4111-8111-111111111111";
    crash();
    provider.add_batch(next.key, "its file");
    start_with_the_past();
    ASSERT_TRUE(store->batches.add(next));
    own_wakes.submitter.raise();
    ASSERT_TRUE(eventually(
        [&] { return store->batches.find_by_key(next.key).value()->phase == BatchPhase::watching; }, 1min));
    EXPECT_EQ(store->batches.find_by_key(next.key).value()->batch_id, "batch_2");
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(StartLooksTest, WithoutAListTheDatabaseIsBelieved) {
    provider.fail_always(Call::list_batches, failure(FailureKind::unsupported));
    start_with_the_past();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(StartLooksTest, AListThatFailsForNowIsWaitedFor) {
    provider.fail_always(Call::list_batches, failure(FailureKind::unavailable));
    start_with_the_past();
    advance(6h);
    EXPECT_EQ(provider.count(Call::upload), 0U);
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 10min));
}

}  // namespace
}  // namespace batchd::engine
