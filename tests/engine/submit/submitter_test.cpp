#include "engine/submit/submitter.hpp"

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;

using SubmitterTest = SubmitterFixture;

TEST_F(SubmitterTest, CommitsTheIntentBeforeEachCallAndTheOutcomeAfterIt) {
    const auto batch = add_planned("a", {"x"});
    std::vector<BatchPhase> seen;
    provider.on_call = [&](Call) { seen.push_back(phase(batch)); };
    start();
    EXPECT_EQ(seen, (std::vector{BatchPhase::uploading, BatchPhase::creating}));
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(row(batch).input_file_id, "file-1");
    EXPECT_EQ(row(batch).status, "validating");
    EXPECT_EQ(job(batch.job_id).state, store::JobState::running);
    EXPECT_EQ(events(), std::vector<std::string>{"batch_created"});
}

TEST_F(SubmitterTest, SendsThePreparedFileUnderOurKeyAndTheBatchWithIt) {
    settings.batch.metadata = {{"team", "evals"}};
    const auto batch = add_planned("night\nly", {"x", "y"});
    start();
    EXPECT_EQ(provider.calls.front().subject, "batchd-" + batch.key + ".jsonl");
    EXPECT_EQ(provider.content("file-1"), request_line("x") + "\n" + request_line("y") + "\n");
    const auto& created = provider.batch("batch_1");
    EXPECT_EQ(created.endpoint, "/v1/chat/completions");
    EXPECT_EQ(created.metadata,
              (std::map<std::string, std::string>{
                  {"team", "evals"}, {"batchd_key", batch.key}, {"batchd_job", "night\\x0aly"}}));
}

TEST_F(SubmitterTest, CutsALongNameToWhatMetadataTakes) {
    add_planned(std::string(600, 'n'), {"x"});
    start();
    EXPECT_EQ(provider.batch("batch_1").metadata.at("batchd_job").size(), 512U);
}

TEST_F(SubmitterTest, WakesThePollerForABatchThatRuns) {
    add_planned("a", {"x"});
    const auto before = own_wakes.poller.times_raised();
    start();
    EXPECT_GT(own_wakes.poller.times_raised(), before);
}

TEST_F(SubmitterTest, TakesUpARowThatWasPlannedLater) {
    start();
    const auto batch = add_planned("a", {"x"});
    own_wakes.submitter.raise();
    settle();
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(SubmitterTest, DoesNotUploadAgainWhatARefusedAttemptHasUploaded) {
    const auto first = add_planned("a", {"x"});
    put_in_flight(first);
    auto second = row(first);
    second.attempt = 2;
    second.key = "0000";
    ASSERT_TRUE(store->batches.add(second));
    start();
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_EQ(provider.batch("batch_2").input_file_id, "file-1");
}

TEST_F(SubmitterTest, AFileThatStaysInvisibleIsUploadedAnewAndTheOldOneIsOnRecordAsUnused) {
    const auto batch = add_planned("a", {"x"});
    for (unsigned nth = 1; nth <= 5; ++nth) provider.fail(Call::create, nth, failure(FailureKind::not_found));
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1h));
    EXPECT_EQ(row(batch).input_file_id, "file-2");
    const auto unused = store->unused_files.to_delete("default", 10).value();
    ASSERT_EQ(unused.size(), 1U);
    EXPECT_EQ(store->unused_files.find(unused[0]).value()->file_id, "file-1");
}

struct WithoutEffect : SubmitterTest, ::testing::WithParamInterface<FailureKind> {};

TEST_P(WithoutEffect, AnUploadIsTriedAgainAndIsNoFailureOfTheJob) {
    const auto batch = add_planned("a", {"x"});
    provider.fail_always(Call::upload, failure(GetParam()));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::planned);
    EXPECT_EQ(provider.count(Call::upload), 1U);
    advance(1h);
    EXPECT_LE(provider.count(Call::upload), 30U) << "it backs off";
    EXPECT_EQ(count_events(EventKind::waiting), 1U) << "it says so once";
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 10min));
    EXPECT_EQ(provider.count(Call::list_files), 0U);
    EXPECT_EQ(provider.count_files(), 1U);
    EXPECT_TRUE(job(batch.job_id).reason.empty());
}

TEST_P(WithoutEffect, ACreateIsTriedAgainWithTheSameFile) {
    const auto batch = add_planned("a", {"x"});
    provider.fail_always(Call::create, failure(GetParam()));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploaded);
    advance(1h);
    EXPECT_LE(provider.count(Call::create), 30U) << "it backs off";
    provider.clear_failures();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 10min));
    EXPECT_EQ(provider.count_batches(), 1U);
    EXPECT_EQ(provider.count(Call::upload), 1U);
    // A gateway that repeats calls by itself may be told to wait when the batch was made already.
    const bool looks = GetParam() == FailureKind::rate_limited || GetParam() == FailureKind::unauthorized ||
                       GetParam() == FailureKind::quota;
    // Looked for at once, and again when the list can be believed.
    EXPECT_LE(provider.count(Call::list_batches), looks ? 2 * provider.count(Call::create) : 0U);
}

INSTANTIATE_TEST_SUITE_P(OfAKind, WithoutEffect,
                         ::testing::Values(FailureKind::unauthorized, FailureKind::rate_limited,
                                           FailureKind::unreachable, FailureKind::quota,
                                           FailureKind::unavailable, FailureKind::local),
                         [](const auto& param) { return std::string(provider::to_string(param.param)); });

TEST_F(SubmitterTest, WaitsAsLongAsTheProviderAsks) {
    const auto batch = add_planned("a", {"x"});
    auto slow_down = failure(FailureKind::rate_limited);
    slow_down.retry_after = 90s;
    provider.fail(Call::create, 1, slow_down);
    start();
    advance(89s);
    EXPECT_EQ(provider.count(Call::create), 1U);
    advance(1s);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(SubmitterTest, ARowThatFailsDoesNotHoldUpAnother) {
    settings.provider.max_connections = 1;
    const auto stuck = add_planned("a", {"x"});
    const auto good = add_planned("b", {"y"});
    ASSERT_TRUE(remove_file(layout.shard_file(job(stuck.job_id).key, {1, 1}, spool::ShardFile::prepared)));
    start();
    EXPECT_EQ(phase(good), BatchPhase::watching);
    EXPECT_EQ(phase(stuck), BatchPhase::planned);
}

TEST_F(SubmitterTest, ARefusedUploadEndsTheBatchInTheProvidersWords) {
    const auto batch = add_planned("a", {"x"});
    provider.fail(Call::upload, 1,
                  {.kind = FailureKind::refused, .http_status = 400, .message = "File is too large."});
    const auto before = own_wakes.collector.times_raised();
    start();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, "refused");
    EXPECT_EQ(row(batch).error, "400: File is too large.");
    EXPECT_GT(own_wakes.collector.times_raised(), before);
    EXPECT_EQ(events(), std::vector<std::string>{"batch_refused"});
}

TEST_F(SubmitterTest, AnUploadThatAPageFindsTooLargeIsTriedAgainTenTimes) {
    const auto batch = add_planned("a", {"x"});
    const provider::Failure page{.kind = FailureKind::doubt, .http_status = 413, .message = "Too Large"};
    for (unsigned nth = 1; nth <= 10; ++nth) provider.fail(Call::upload, nth, page);
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 2h));
    EXPECT_EQ(provider.count(Call::upload), 11U);
    const auto second = add_shard(batch.job_id, 2, {"z"});
    provider.fail_always(Call::upload, page);
    own_wakes.submitter.raise();
    ASSERT_TRUE(eventually([&] { return phase(second) == BatchPhase::ended; }, 2h));
    EXPECT_EQ(row(second).outcome, store::Outcome::refused);
    EXPECT_EQ(provider.count(Call::upload), 22U);
}

TEST_F(SubmitterTest, ARefusedCreateEndsTheBatchInTheProvidersWords) {
    const auto batch = add_planned("a", {"x"});
    provider.fail(Call::create, 1,
                  {.kind = FailureKind::refused, .http_status = 400, .message = "Unknown endpoint"});
    start();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, "refused");
    advance(1h);
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterTest, AFileThatIsNotVisibleYetIsAskedForAgain) {
    const auto batch = add_planned("a", {"x"});
    provider.fail(Call::create, 1, failure(FailureKind::not_found));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploaded);
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(SubmitterTest, AFileThatStaysInvisibleIsUploadedAnew) {
    const auto batch = add_planned("a", {"x"});
    for (unsigned nth = 1; nth <= 5; ++nth) provider.fail(Call::create, nth, failure(FailureKind::not_found));
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 10min));
    EXPECT_EQ(provider.count(Call::upload), 2U);
    EXPECT_EQ(row(batch).input_file_id, "file-2");
    EXPECT_EQ(provider.count_batches(), 1U);
}

TEST_F(SubmitterTest, ATokenLimitAtCreateMakesTheBatchWaitItsTurn) {
    const auto batch = add_planned("a", {"x"});
    provider.fail(Call::create, 1, failure(FailureKind::token_limit));
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploaded);
    EXPECT_EQ(count_events(EventKind::token_limit), 1U);
    EXPECT_TRUE(holds.held_for("m", clock.uptime()));
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
    EXPECT_EQ(provider.count(Call::upload), 1U);
    EXPECT_FALSE(holds.held_for("m", clock.uptime()));
}

TEST_F(SubmitterTest, ATokenLimitEndsEarlyWhenABatchHasEnded) {
    const auto batch = add_planned("a", {"x"});
    holds.hold("m", clock.uptime(), 0.0);
    for (int i = 0; i < 8; ++i) holds.hold("m", clock.uptime(), 0.0);
    start();
    EXPECT_EQ(provider.count(Call::upload), 0U);
    holds.release("m");
    own_wakes.submitter.raise();
    settle();
    EXPECT_EQ(phase(batch), BatchPhase::watching);
}

TEST_F(SubmitterTest, AModelThatIsHeldDoesNotHoldUpAnother) {
    const auto held = add_planned("a", {"x"});
    const auto other = add_planned("b", {"y"});
    store->database.execute("UPDATE batches SET model = 'n' WHERE id = 2").value();
    holds.hold("m", clock.uptime(), 0.0);
    start();
    EXPECT_EQ(phase(held), BatchPhase::planned);
    EXPECT_EQ(phase(other), BatchPhase::watching);
}

TEST_F(SubmitterTest, KeepsWhatIsEnqueuedUnderTheConfiguredLimit) {
    settings.batch.enqueued_tokens = {{"m", 100}};  // each batch is 40
    const auto first = add_planned("a", {"1"});
    const auto second = add_shard(first.job_id, 2, {"2"});
    const auto third = add_shard(first.job_id, 3, {"3"});
    start();
    EXPECT_EQ(phase(first), BatchPhase::watching);
    EXPECT_EQ(phase(second), BatchPhase::watching);
    EXPECT_EQ(phase(third), BatchPhase::planned);
    ASSERT_TRUE(store->batches.record_end(first.id, {.status = "completed"}, clock.now()));
    own_wakes.submitter.raise();
    settle();
    EXPECT_EQ(phase(third), BatchPhase::watching);
}

TEST_F(SubmitterTest, ABatchOnItsWayCountsOnceAgainstTheLimit) {
    settings.batch.enqueued_tokens = {{"m", 100}};  // each batch is 40
    const auto first = add_planned("a", {"1"});
    const auto second = add_shard(first.job_id, 2, {"2"});
    provider.latency[Call::create] = 10s;
    start();
    EXPECT_EQ(phase(first), BatchPhase::creating);
    EXPECT_EQ(phase(second), BatchPhase::creating) << "40 and 40 fit into 100";
}

TEST_F(SubmitterTest, ABatchAboveTheLimitGoesAlone) {
    settings.batch.enqueued_tokens = {{"m", 30}};
    const auto first = add_planned("a", {"1"});
    const auto second = add_shard(first.job_id, 2, {"2"});
    start();
    EXPECT_EQ(phase(first), BatchPhase::watching);
    EXPECT_EQ(phase(second), BatchPhase::planned);
}

TEST_F(SubmitterTest, TheEndOfARefusedBatchLetsTheNextGoAtOnce) {
    settings.batch.enqueued_tokens = {{"m", 50}};
    const auto first = add_planned("a", {"1"});
    const auto second = add_shard(first.job_id, 2, {"2"});
    provider.latency[Call::upload] = 1s;
    provider.fail(Call::upload, 1, failure(FailureKind::refused));
    start();
    EXPECT_EQ(phase(second), BatchPhase::planned);
    ASSERT_TRUE(eventually([&] { return phase(second) == BatchPhase::watching; }, 10s));
    EXPECT_EQ(phase(first), BatchPhase::ended);
}

}  // namespace
}  // namespace batchd::engine
