#include "store/tables/batches.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

struct BatchesTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    Batches& batches = store->batches;
    TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    JobId job = store->jobs.add({.key = "job", .name = "articles", .created_at = now}).value();

    BatchRowId add(std::uint64_t shard, const std::string& file_id = "") {
        const std::string key = "key-" + std::to_string(shard);
        EXPECT_TRUE(batches.add({.job_id = job,
                                 .shard = shard,
                                 .key = key,
                                 .endpoint = "/v1/chat/completions",
                                 .model = "m",
                                 .requests = 5,
                                 .input_file_id = file_id,
                                 .estimated_tokens = 100,
                                 .created_at = now}));
        return batches.find_by_key(key).value().value().id;
    }
    Batch at(BatchRowId id) { return batches.find(id).value().value(); }
    BatchRowId submitted(std::uint64_t shard, const std::string& batch_id) {
        const BatchRowId id = add(shard);
        EXPECT_TRUE(batches.begin(id, BatchPhase::uploading, now));
        EXPECT_TRUE(batches.record_upload(id, "file-" + batch_id));
        EXPECT_TRUE(batches.begin(id, BatchPhase::creating, now));
        EXPECT_TRUE(batches.record_submission(id, batch_id, "validating", now + 24h, now));
        return id;
    }
};

TEST_F(BatchesTest, ShowOurPhaseAsStatusUntilTheProviderHasAWord) {
    const BatchRowId id = add(1);
    EXPECT_EQ(at(id).status, "planned");
    ASSERT_TRUE(batches.begin(id, BatchPhase::uploading, now));
    EXPECT_EQ(at(id).status, "uploading");
    EXPECT_EQ(at(id).intent_at, now);
    ASSERT_TRUE(batches.record_upload(id, "file-1"));
    EXPECT_EQ(at(id).status, "uploaded");
    ASSERT_TRUE(batches.begin(id, BatchPhase::creating, now));
    EXPECT_EQ(at(id).status, "creating");
    ASSERT_TRUE(batches.record_submission(id, "batch_1", "validating", now + 24h, now));
    EXPECT_EQ(at(id).status, "validating");
    ASSERT_TRUE(batches.record_end(id, {.status = "completed", .output_file_id = "file-out"}, now));
    ASSERT_TRUE(batches.record_collection(id, {.succeeded = 4, .failed = 1}, now));
    EXPECT_EQ(at(id).status, "completed");
    EXPECT_EQ(at(id).phase, BatchPhase::collected);
    EXPECT_EQ(at(id).completed, 4U);
}

TEST_F(BatchesTest, BeginAsUploadedWithTheFileOfARefusedAttempt) {
    const BatchRowId id = add(1, "file-1");
    EXPECT_EQ(at(id).phase, BatchPhase::uploaded);
    EXPECT_EQ(batches.to_submit("default", 10).value().at(0).id, id);
}

TEST_F(BatchesTest, RefuseAnIllegalChangeOfPhase) {
    const BatchRowId id = add(1);
    EXPECT_EQ(batches.begin(id, BatchPhase::creating, now).error().code, Errc::illegal);
    EXPECT_EQ(batches.record_collection(id, {}, now).error().code, Errc::illegal);
    EXPECT_EQ(batches.record_submission(id, "batch_1", "validating", {}, now).error().code, Errc::illegal);
    EXPECT_EQ(at(id).phase, BatchPhase::planned);
}

TEST_F(BatchesTest, CountWhatTheProviderHasOrMayHaveAsEnqueued) {
    add(1);
    submitted(2, "batch_2");
    const BatchRowId doubtful = add(3);
    ASSERT_TRUE(batches.begin(doubtful, BatchPhase::uploading, now));
    ASSERT_TRUE(batches.record_upload(doubtful, "file-3"));
    ASSERT_TRUE(batches.begin(doubtful, BatchPhase::creating, now));
    EXPECT_EQ(batches.enqueued_tokens("default", "m").value(), 200U);
    EXPECT_EQ(batches.enqueued_tokens("default", "other").value(), 0U);
}

TEST_F(BatchesTest, AreWatchedFromSubmissionToTheirEnd) {
    const BatchRowId id = submitted(1, "batch_1");
    ASSERT_EQ(batches.watched("default").value().size(), 1U);
    EXPECT_EQ(batches.watched("default").value().front().batch_id, "batch_1");
    EXPECT_TRUE(batches.knows("batch_1").value());
    EXPECT_FALSE(batches.knows("batch_2").value());
    ASSERT_TRUE(batches.record_sighting(id, {.status = "in_progress", .completed = 2}, now));
    EXPECT_EQ(at(id).completed, 2U);
    EXPECT_EQ(at(id).expires_at, now + 24h) << "a sighting without the time keeps it";
    ASSERT_TRUE(batches.record_end(id, {.status = "expired"}, now));
    EXPECT_EQ(batches.count_watched().value(), 0U);
    EXPECT_EQ(batches.to_collect("default", 10).value(), std::vector{id});
    EXPECT_EQ(batches.count_open(job).value(), 1U);
    ASSERT_TRUE(batches.record_collection(id, {}, now));
    EXPECT_EQ(batches.count_open(job).value(), 0U);
}

TEST_F(BatchesTest, KnowSinceWhenTheyHaveTheirStatus) {
    const BatchRowId id = submitted(1, "batch_1");
    EXPECT_EQ(at(id).status_since, now);
    ASSERT_TRUE(batches.record_sighting(id, {.status = "finalizing"}, now + 1h));
    ASSERT_TRUE(batches.record_sighting(id, {.status = "finalizing"}, now + 2h));
    EXPECT_EQ(at(id).status_since, now + 1h);
}

TEST_F(BatchesTest, AreOverdueOnlyWhileTheyAreInFlight) {
    const BatchRowId id = submitted(1, "batch_1");
    EXPECT_EQ(batches.count_overdue().value(), 0U);
    ASSERT_TRUE(batches.record_overdue(id, now));
    EXPECT_EQ(at(id).overdue_at, now);
    EXPECT_EQ(batches.count_overdue().value(), 1U);
    ASSERT_TRUE(batches.record_end(id, {.status = "expired"}, now));
    EXPECT_EQ(batches.count_overdue().value(), 0U);
}

TEST_F(BatchesTest, KnowWhatWasEnqueuedBesideThem) {
    const BatchRowId one = submitted(1, "batch_1");
    add(2);
    const auto beside = [&](TimePoint since, TimePoint until, const std::string& model = "m") {
        return batches.count_beside(one, "default", model, since, until).value();
    };
    EXPECT_EQ(beside(now, now + 5h), 0U) << "what is only planned is not enqueued";
    const BatchRowId three = submitted(3, "batch_3");
    EXPECT_EQ(beside(now, now + 5h), 1U);
    EXPECT_EQ(beside(now, now + 5h, "another"), 0U);
    EXPECT_EQ(beside(now - 1h, now), 0U) << "it came later";
    ASSERT_TRUE(batches.record_end(three, {.status = "completed"}, now + 1h));
    EXPECT_EQ(beside(now, now + 5h), 1U) << "it was there at the time";
    EXPECT_EQ(beside(now + 2h, now + 5h), 0U) << "it had ended";
    EXPECT_EQ(batches.last_shard({.job_id = job}).value(), 3U);
    EXPECT_EQ(batches.last_shard({.job_id = JobId{99}}).value(), 0U);
}

TEST_F(BatchesTest, ChangeTheirPhaseAndWhatBelongsToItTogether) {
    const BatchRowId id = add(1);
    ASSERT_TRUE(batches.begin(id, BatchPhase::uploading, now));
    ASSERT_TRUE(
        store->database.execute("CREATE TRIGGER torn BEFORE UPDATE OF input_file_id ON batches BEGIN SELECT "
                                "RAISE(ABORT, 'torn'); END"));
    EXPECT_FALSE(batches.record_upload(id, "file-1"));
    EXPECT_EQ(at(id).phase, BatchPhase::uploading) << "uploaded, without its file, it would be sent so";
    ASSERT_TRUE(store->database.execute("DROP TRIGGER torn"));
    ASSERT_TRUE(batches.record_upload(id, "file-1"));
    ASSERT_TRUE(batches.begin(id, BatchPhase::creating, now));
    ASSERT_TRUE(batches.record_submission(id, "batch_1", "validating", {}, now));
    ASSERT_TRUE(store->database.execute(
        "CREATE TRIGGER torn BEFORE UPDATE OF outcome ON batches BEGIN SELECT RAISE(ABORT, 'torn'); END"));
    EXPECT_FALSE(batches.record_end(id, {.status = "completed", .output_file_id = "file-2"}, now));
    EXPECT_EQ(at(id).phase, BatchPhase::watching) << "ended, without its answers, it would be sent again";
}

TEST_F(BatchesTest, OneShardHasEachAttemptOnce) {
    add(1);
    EXPECT_FALSE(batches.add({.job_id = job, .shard = 1, .attempt = 1, .key = "another", .created_at = now}));
}

TEST_F(BatchesTest, KeepWhatIsInDoubtAndWhatIsHeldUntilItIsForgotten) {
    const BatchRowId id = add(1);
    ASSERT_TRUE(batches.begin(id, BatchPhase::uploading, now, {"https://one.example/v1", "0123"}));
    ASSERT_TRUE(batches.record_upload(id, "file"));
    for (const auto effect : {Batches::Effect::unknown, Batches::Effect::none, Batches::Effect::unknown}) {
        ASSERT_TRUE(batches.begin(id, BatchPhase::creating, now, {"https://one.example/v1", "0123"}));
        ASSERT_TRUE(batches.step_back(id, BatchPhase::uploaded, effect));
    }
    ASSERT_TRUE(batches.record_answered(id, now));
    ASSERT_TRUE(batches.record_answered(id, now + std::chrono::hours(1)));
    ASSERT_TRUE(batches.record_missing(id, now));
    ASSERT_TRUE(batches.record_missing(id, now + std::chrono::hours(1)));
    ASSERT_TRUE(batches.hold(id, "why", now));
    Batch batch = batches.find(id).value().value();
    EXPECT_EQ(batch.base_url, "https://one.example/v1");
    EXPECT_EQ(batch.account, "0123");
    EXPECT_EQ(batch.doubts, 2U);
    EXPECT_EQ(batch.answered_at, now);
    EXPECT_EQ(batch.missing_since, now);
    EXPECT_EQ(batch.held, "why");
    EXPECT_EQ(batch.held_since, now);
    ASSERT_TRUE(batches.forget_doubts(id));
    ASSERT_TRUE(batches.record_missing(id, std::nullopt));
    ASSERT_TRUE(batches.release(id));
    batch = batches.find(id).value().value();
    EXPECT_EQ(batch.doubts, 0U);
    EXPECT_FALSE(batch.answered_at);
    EXPECT_FALSE(batch.missing_since);
    EXPECT_EQ(batch.held, "");
}

}  // namespace
}  // namespace batchd::store
