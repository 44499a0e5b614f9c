#include "engine/deliver/job_record.hpp"
#include "engine/deliver/job_summary.hpp"

#include <gtest/gtest.h>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "base/disk/sha256.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/other_file_system.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

namespace json = boost::json;
using spool::ShardFile;
using Rows = std::vector<std::pair<std::uint64_t, std::string>>;  // line number, text

struct DeliveryTest : ::testing::Test {
    testing::TempDir dir;
    spool::Layout layout{dir.path() / "state"};
    Path outbox = dir.path() / "outbox";
    Delivery delivery;

    DeliveryTest() {
        delivery.job.id = store::JobId{7};
        delivery.job.key = "00000000-0000-4000-8000-000000000001";
        delivery.job.name = "articles";
        delivery.job.created_at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
        delivery.job.finished_at = delivery.job.created_at + std::chrono::hours(3);
        delivery.job.requests = 4;
        delivery.job.succeeded = 3;
        delivery.job.failed = 1;
        make_directory(layout.work_directory(delivery.job.key)).value();
        make_directory(outbox).value();
        replace_file(layout.input(delivery.job.key), "the input").value();
    }
    void write(const Path& path, const Rows& rows) {
        if (rows.empty()) return;
        auto writer = jsonl::RowFileWriter::create(path).value();
        for (const auto& [number, text] : rows) writer.append(number, digest128(text), text).value();
        writer.commit().value();
    }
    void add_batch(std::uint64_t shard, std::uint64_t attempt, const Rows& succeeded, const Rows& failed) {
        store::Batch batch;
        batch.shard = shard;
        batch.attempt = attempt;
        batch.status = "completed";
        batch.completed = succeeded.size();
        batch.failed = failed.size();
        delivery.batches.push_back(batch);
        write(layout.shard_file(delivery.job.key, {shard, attempt}, ShardFile::succeeded), succeeded);
        write(layout.shard_file(delivery.job.key, {shard, attempt}, ShardFile::failed), failed);
    }
    Result<std::string> publish() { return deliver(layout, outbox, delivery); }
    std::string content(const std::string& name) { return testing::slurp(outbox / "articles" / name); }
    bool is_empty(const Path& folder) {
        for (const auto& entry : std::filesystem::directory_iterator(folder))
            if (entry.path().filename().string().front() != '.') return false;
        return true;
    }
};

TEST_F(DeliveryTest, JoinsShardsAndAttemptsInTheOrderOfTheInput) {
    add_batch(1, 1, {{1, "one"}}, {});
    add_batch(1, 2, {{4, "four"}}, {{3, "three"}});
    add_batch(2, 1, {{2, "two"}}, {});
    ASSERT_EQ(publish().value(), "articles");
    EXPECT_EQ(content("output.jsonl"), "one\ntwo\nfour\n");
    EXPECT_EQ(content("errors.jsonl"), "three\n");
    EXPECT_EQ(content("input.jsonl"), "the input");
}

TEST_F(DeliveryTest, AJobThatWasCancelledBeforeItsFileWasReadHasTheFileAsItCame) {
    delivery.job.requests = delivery.job.succeeded = delivery.job.failed = 0;
    delivery.job.cancel_asked_at = delivery.job.created_at;
    delivery.job.reason = "cancelled";
    EXPECT_EQ(final_state(delivery), store::JobState::cancelled);
    ASSERT_EQ(publish().value(), "articles");
    EXPECT_EQ(content("input.jsonl"), "the input");
    EXPECT_EQ(content("output.jsonl"), "");
    EXPECT_FALSE(file_exists(outbox / "articles/errors.jsonl").value());
}

TEST_F(DeliveryTest, DoesNotCopyTheAnswersOfASingleBatch) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {4, "four"}}, {{3, "three"}});
    publish().value();
    EXPECT_EQ(content("output.jsonl"), "one\ntwo\nfour\n");
    EXPECT_EQ(std::filesystem::hard_link_count(outbox / "articles/output.jsonl"), 2U);
    remove_tree(layout.work_directory(delivery.job.key)).value();
    EXPECT_EQ(content("output.jsonl"), "one\ntwo\nfour\n");
    EXPECT_EQ(content("errors.jsonl"), "three\n");
}

TEST_F(DeliveryTest, CopiesTheAnswersToAnotherFileSystem) {
    const testing::OtherFileSystem other(dir.path());
    if (other.path().empty()) GTEST_SKIP() << "this machine has no second file system at /dev/shm";
    outbox = other.path();
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {4, "four"}}, {{3, "three"}});
    publish().value();
    EXPECT_EQ(content("output.jsonl"), "one\ntwo\nfour\n");
    EXPECT_EQ(content("errors.jsonl"), "three\n");
}

TEST_F(DeliveryTest, PublishesNothingWhereTheAnswersAreNotAsLongAsTheirIndexSays) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {4, "four"}}, {{3, "three"}});
    const Path piece = layout.shard_file(delivery.job.key, {1, 1}, ShardFile::succeeded);
    std::filesystem::resize_file(piece, 8);
    EXPECT_EQ(publish().error().code, Errc::corrupt);
    EXPECT_TRUE(is_empty(outbox));
}

TEST_F(DeliveryTest, PutsTogetherWhatCouldNotBeRead) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}}, {{3, "three"}});
    add_batch(2, 1, {{4, "four"}}, {});
    publish().value();
    EXPECT_FALSE(file_exists(outbox / "articles/unreadable.jsonl").value());
    remove_tree(outbox / "articles").value();
    replace_file(layout.input(delivery.job.key), "the input").value();
    for (const std::uint64_t shard : {2U, 1U})
        replace_file(layout.shard_file(delivery.job.key, {shard, 1}, ShardFile::unreadable),
                     "{broken " + std::to_string(shard) + "\n")
            .value();
    publish().value();
    EXPECT_EQ(content("unreadable.jsonl"), "{broken 1\n{broken 2\n");
}

TEST_F(DeliveryTest, KnowsWhatAllFailedRequestsHaveInCommon) {
    const std::string error = R"({"custom_id":"a","response":null,"error":{"code":"c","message":"m"}})";
    add_batch(1, 1, {{1, "one"}}, {{3, error}});
    add_batch(1, 2, {}, {{4, error}});
    EXPECT_EQ(reason_of_failures(layout, delivery).value(), "c: m");
    write(layout.invalid(delivery.job.key), {{5, "something else"}});
    EXPECT_EQ(reason_of_failures(layout, delivery).value(), "");
}

TEST_F(DeliveryTest, HasNoErrorsFileWhereNothingFailed) {
    delivery.job.requests = delivery.job.succeeded = 1;
    delivery.job.failed = 0;
    add_batch(1, 1, {{1, "one"}}, {});
    publish().value();
    EXPECT_FALSE(file_exists(outbox / "articles/errors.jsonl").value());
}

TEST_F(DeliveryTest, HasAnEmptyOutputFileWhereNothingSucceeded) {
    delivery.job.requests = delivery.job.failed = 1;
    delivery.job.succeeded = 0;
    add_batch(1, 1, {}, {{1, "one"}});
    publish().value();
    EXPECT_EQ(content("output.jsonl"), "");
}

TEST_F(DeliveryTest, PutsSkippedLinesAmongTheErrors) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {4, "four"}}, {});
    write(layout.invalid(delivery.job.key), {{3, "bad"}});
    publish().value();
    EXPECT_EQ(content("errors.jsonl"), "bad\n");
}

TEST_F(DeliveryTest, PublishesNothingWhereARowIsMissing) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}}, {{3, "three"}});
    EXPECT_EQ(publish().error().code, Errc::corrupt);
    EXPECT_TRUE(is_empty(outbox));
    EXPECT_EQ(testing::slurp(layout.input(delivery.job.key)), "the input");
}

TEST_F(DeliveryTest, PublishesNothingWhereARowIsDoubled) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {});
    add_batch(1, 2, {{3, "three again"}}, {});
    EXPECT_EQ(publish().error().code, Errc::corrupt);
    EXPECT_TRUE(is_empty(outbox));
}

TEST_F(DeliveryTest, PublishesNothingWhereARowHasAnAnswerAndAnError) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{3, "failed"}});
    const auto published = publish();
    EXPECT_EQ(published.error().code, Errc::corrupt);
    EXPECT_NE(published.error().context.find("line 3"), std::string::npos);
    EXPECT_TRUE(is_empty(outbox));
}

TEST_F(DeliveryTest, PublishesNothingWhereAPieceIsLost) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    ASSERT_TRUE(remove_file(layout.shard_file(delivery.job.key, {1, 1}, ShardFile::failed)));
    EXPECT_FALSE(publish());
    EXPECT_TRUE(is_empty(outbox));
}

TEST_F(DeliveryTest, PublishesNothingWhereAPieceIsCut) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    std::filesystem::resize_file(layout.shard_file(delivery.job.key, {1, 1}, ShardFile::succeeded), 5);
    EXPECT_EQ(publish().error().code, Errc::corrupt);
    EXPECT_TRUE(is_empty(outbox));
}

TEST_F(DeliveryTest, IsFoundAgainAfterACrash) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    ASSERT_EQ(publish().value(), "articles");
    EXPECT_EQ(publish().value(), "articles");
    EXPECT_FALSE(file_exists(outbox / "articles.2").value());
}

TEST_F(DeliveryTest, GoesOnAfterACrashBehindTheMoveOfTheInput) {
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    const Path half = outbox / spool::building_name("articles", delivery.job.key);
    ASSERT_TRUE(make_directory(half));
    ASSERT_TRUE(rename_file(layout.input(delivery.job.key), half / "input.jsonl"));
    ASSERT_EQ(publish().value(), "articles");
    EXPECT_EQ(content("input.jsonl"), "the input");
}

TEST_F(DeliveryTest, DoesNotTouchAFolderOfTheSameName) {
    ASSERT_TRUE(make_directory(outbox / "articles"));
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    EXPECT_EQ(publish().value(), "articles.2");
    EXPECT_TRUE(std::filesystem::is_empty(outbox / "articles"));
}

TEST_F(DeliveryTest, TheSummarySaysWhatTheDatabaseSays) {
    delivery.job.reason = "because";
    delivery.job.sha256 = "abc";
    delivery.job.input_tokens = 11;
    add_batch(1, 1, {{1, "one"}}, {});
    delivery.batches[0].batch_id = "batch_1";
    delivery.batches[0].ended_at = delivery.job.finished_at;
    const json::object summary = json::parse(job_json(delivery)).as_object();
    EXPECT_EQ(summary.at("id").as_int64(), 7);
    EXPECT_EQ(summary.at("key").as_string(), delivery.job.key);
    EXPECT_EQ(summary.at("name").as_string(), "articles");
    EXPECT_EQ(summary.at("state").as_string(), "failed");
    EXPECT_EQ(summary.at("reason").as_string(), "because");
    EXPECT_EQ(summary.at("requests").as_int64(), 4);
    EXPECT_EQ(summary.at("succeeded").as_int64(), 3);
    EXPECT_EQ(summary.at("failed").as_int64(), 1);
    EXPECT_EQ(summary.at("input_tokens").as_int64(), 11);
    EXPECT_EQ(summary.at("created_at").as_string(), "2026-11-22T00:00:00Z");
    EXPECT_EQ(summary.at("finished_at").as_string(), "2026-11-22T03:00:00Z");
    const json::object& batch = summary.at("batches").as_array().at(0).as_object();
    EXPECT_EQ(batch.at("batch_id").as_string(), "batch_1");
    EXPECT_EQ(batch.at("completed").as_int64(), 1);
    EXPECT_EQ(batch.at("ended_at").as_string(), "2026-11-22T03:00:00Z");
    EXPECT_TRUE(batch.at("error").is_null());
    EXPECT_EQ(batch.at("lost").as_int64(), 0);
    EXPECT_TRUE(batch.at("outcome").is_null());
    EXPECT_FALSE(summary.at("input_changed").as_bool());
}

TEST_F(DeliveryTest, TheSummarySaysWhatWasLostAndThatTheInputWasChanged) {
    delivery.job.input_changed = true;
    add_batch(1, 1, {}, {});
    delivery.batches[0].lost = 3;
    delivery.batches[0].outcome = store::Outcome::unanswered_cancel;
    const json::object summary = json::parse(job_json(delivery)).as_object();
    EXPECT_TRUE(summary.at("input_changed").as_bool());
    const json::object& batch = summary.at("batches").as_array().at(0).as_object();
    EXPECT_EQ(batch.at("lost").as_int64(), 3);
    EXPECT_EQ(batch.at("outcome").as_string(), "unanswered_cancel");
}

TEST_F(DeliveryTest, TheSummaryIsReadBackWithWhatWasSpent) {
    delivery.job.queue = "nightly";
    delivery.job.spent = {.cached_tokens = 5,
                          .reasoning_tokens = 6,
                          .cost = 12'300'000,
                          .cost_sync = 24'600'001,
                          .unpriced = 2};
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    delivery.batches[0].spent = delivery.job.spent;
    delivery.batches[0].prices = R"([{"model":"m","tier":"batch","input":"0.000001"}])";
    const json::object summary = json::parse(job_json(delivery)).as_object();
    EXPECT_EQ(summary.at("cost"), "0.0123");
    EXPECT_EQ(summary.at("cost_sync"), "0.024600001");
    EXPECT_EQ(summary.at("batches").at(0).at("prices").at(0).at("input"), "0.000001");
    const auto read = read_job_summary(outbox / publish().value()).value();
    EXPECT_EQ(read.job.queue, "nightly");
    EXPECT_EQ(read.job.spent, delivery.job.spent);
    EXPECT_EQ(read.batches.at(0).spent, delivery.batches[0].spent);
    EXPECT_EQ(read.batches.at(0).prices, delivery.batches[0].prices);
}

TEST_F(DeliveryTest, TheSummaryTellsAnUnknownCostAsNull) {
    delivery.job.spent = {.unpriced = 4};
    add_batch(1, 1, {{1, "one"}, {2, "two"}, {3, "three"}}, {{4, "four"}});
    const json::object summary = json::parse(job_json(delivery)).as_object();
    EXPECT_TRUE(summary.at("cost").is_null());
    EXPECT_TRUE(summary.at("batches").at(0).at("prices").as_array().empty());
    EXPECT_EQ(read_job_summary(outbox / publish().value()).value().job.spent, delivery.job.spent);
}

TEST_F(DeliveryTest, TheSummaryIsJsonWhateverTheNameIs) {
    delivery.job.name = "a\"b\n\xff";
    EXPECT_EQ(json::parse(job_json(delivery)).at("name").as_string(), "a\"b\\x0a\\xff");
}

TEST(FinalStateTest, IsFailedWithAReasonOrWithoutAnAnswer) {
    store::Job job;
    job.succeeded = 1;
    EXPECT_EQ(final_state({job, {}}), store::JobState::done);
    job.failed = 99;
    EXPECT_EQ(final_state({job, {}}), store::JobState::done);
    job.reason = "the provider would not have it";
    EXPECT_EQ(final_state({job, {}}), store::JobState::failed);
    job.reason.clear();
    job.succeeded = 0;
    EXPECT_EQ(final_state({job, {}}), store::JobState::failed);
}

TEST(FinalStateTest, IsCancelledOnlyWhereTheCancelHasCostAnAnswer) {
    store::Job job;
    job.succeeded = 1;
    job.failed = 1;
    job.cancel_asked_at = TimePoint{};
    store::Batch batch;
    batch.status = "completed";
    batch.failed = 1;
    EXPECT_EQ(final_state({job, {batch}}), store::JobState::done) << "it came too late";
    batch.status = "cancelled";
    EXPECT_EQ(final_state({job, {batch}}), store::JobState::cancelled);
    batch.status = "terminated";
    EXPECT_EQ(final_state({job, {batch}}), store::JobState::done);
    for (const auto outcome : {store::Outcome::withdrawn, store::Outcome::unanswered_cancel}) {
        batch.outcome = outcome;
        EXPECT_EQ(final_state({job, {batch}}), store::JobState::cancelled);
    }
    job.cancel_asked_at.reset();
    EXPECT_EQ(final_state({job, {batch}}), store::JobState::done) << "somebody else cancelled the batch";
}

}  // namespace
}  // namespace batchd::engine
