#include <csignal>

#include <unistd.h>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// The general invariants are about one folder of each kind; what holds for queues is said in each test.
class QueueTest : public ::testing::Test {
protected:
    Workbench bench;

    void TearDown() override { EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0); }
    bool wait_for_count(const std::string& from, std::size_t count) {
        return bench.wait_until([&] { return bench.database().count(from) == count; });
    }
    std::string value(const std::string& sql) { return bench.database().value(sql); }
};

TEST_F(QueueTest, AFolderInTheInboxHasRulesOfItsOwn) {
    bench.set("queue.nightly.model", "\"gpt-4o-mini\"");
    bench.set("queue.nightly.max_requests", "2");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("nightly", "articles", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "nightly/articles").output_ids(), article_ids(5));
    EXPECT_EQ(value("SELECT count(*) FROM batches b JOIN jobs j ON j.id = b.job_id WHERE queue = 'nightly'"),
              "3");
}

TEST_F(QueueTest, NewFilesThatShareABatchDoNotWaitUntilAListingCanBeBelieved) {
    bench.set("provider.list_lag", "\"1h\"");
    bench.set("queue.small.collect_requests", "6");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    for (const char* const name : {"a", "b", "c"}) bench.drop_into("small", name, articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.database().count("batches WHERE bundle IS NOT NULL"), 1U);
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "small/b").output_ids(), article_ids(2));
}

TEST_F(QueueTest, WhoIsCancelledInASharedBatchDoesNotWaitForResultsThatCanNotBeFetched) {
    bench.set("retry.cancel_patience", "\"1s\"");
    bench.set("queue.small.collect_requests", "4");
    bench.provider().add_fault(
        R"({"route":"GET /v1/files/*/content","action":"status","status":500,"times":-1})");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    for (const char* const name : {"a", "b"}) bench.drop_into("small", name, articles(2));
    ASSERT_TRUE(wait_for_count("batches WHERE bundle IS NOT NULL AND phase = 'ended'", 1));
    EXPECT_EQ(Shell(bench).run({"cancel", "small/a"}), 0);
    ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("a") == "cancelled"; }));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "small/a").error_ids(), article_ids(2));
    EXPECT_TRUE(bench.database().has_event("batch_left_open", "may be charged"));
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "small/b").output_ids(), article_ids(2));
    EXPECT_NE(value("SELECT input_tokens FROM jobs WHERE name = 'a'"), "0") << "it was charged";
}

TEST_F(QueueTest, WhereThereIsRoomForOneTheHighestPriorityGoesFirst) {
    bench.set("batch.enqueued_tokens", R"({ "gpt-4o-mini" = 150 })");
    bench.set("batch.share", "false");
    bench.set("queue.urgent.priority", "10");
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    for (const char* const name : {"a", "b", "c", "d", "e", "f"}) bench.drop(name, articles(5));
    ASSERT_TRUE(bench.wait_for_event("waiting", "batch.enqueued_tokens has no room"));
    ASSERT_TRUE(wait_for_count("events WHERE kind = 'job_planned'", 6));
    bench.drop_into("urgent", "now", articles(5));
    ASSERT_TRUE(wait_for_count("events WHERE kind = 'job_planned'", 7));
    for (std::size_t batches = 2; batches <= 3; ++batches) {
        bench.provider().advance_clock(std::chrono::hours(2));
        ASSERT_TRUE(wait_for_count("batches WHERE submitted_at IS NOT NULL", batches));
    }
    EXPECT_EQ(value("SELECT name FROM jobs j JOIN events e ON e.job_id = j.id"
                    " WHERE e.kind = 'batch_created' ORDER BY e.id LIMIT 1 OFFSET 1"),
              "now");
    bench.provider().change_settings(R"({"in_progress":0})");
    for (int rounds = 0; rounds < 7; ++rounds) bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(7));
}

TEST_F(QueueTest, WhatWaitsForItsTimeSurvivesAKillAndIsSentOnRequest) {
    bench.set("queue.nightly.schedule", "\"0 0 1 1 *\"");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("nightly", "articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    bench.daemon().kill();
    bench.start();
    ASSERT_TRUE(wait_for_count("events WHERE kind = 'started'", 2));
    EXPECT_EQ(value("SELECT requests FROM waiting WHERE queue = 'nightly'"), "5");
    EXPECT_EQ(value("SELECT count(*) FROM batches"), "0");
    Shell shell(bench);
    EXPECT_EQ(shell.run({"queues"}), 0);
    EXPECT_TRUE(shell.says("nightly")) << shell.output;
    EXPECT_EQ(shell.run({"release", "nightly"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("5 requests of 1 file in nightly")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "nightly/articles").output_ids(), article_ids(5));
    EXPECT_EQ(value("SELECT group_concat(kind, ' ') FROM events WHERE queue = 'nightly'"),
              "queue_released command");
    EXPECT_EQ(shell.run({"release", "nobody"}), 1);
    EXPECT_TRUE(shell.complains("no queue nobody")) << shell.errors;
}

TEST_F(QueueTest, SoManyRequestsGoTogetherAndAReloadMakesAndRemovesQueues) {
    bench.set("queue.some.collect_requests", "8");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("some", "first", articles(5));
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    EXPECT_EQ(value("SELECT count(*) FROM batches"), "0");
    bench.drop_into("some", "second", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    bench.drop_into("some", "third", articles(5));
    ASSERT_TRUE(wait_for_count("waiting", 1));
    bench.unset("queue.some.collect_requests");
    bench.set("queue.other.model", "\"gpt-4o-mini\"");
    bench.write_configuration();
    bench.daemon().send(SIGHUP);
    ASSERT_TRUE(bench.wait_for_jobs(3)) << "a queue that is gone waits for nothing";
    bench.drop_into("other", "fourth", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(4));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "other/fourth").output_ids(), article_ids(5));
}

TEST_F(QueueTest, ACancelEndsWhatWaits) {
    bench.set("queue.nightly.schedule", "\"0 0 1 1 *\"");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("nightly", "articles", articles(5));
    ASSERT_TRUE(wait_for_count("waiting", 1));
    Shell shell(bench);
    EXPECT_EQ(shell.run({"cancel", "default/articles"}), 1);
    EXPECT_TRUE(shell.complains("there is no job articles in the queue default")) << shell.errors;
    EXPECT_EQ(shell.run({"cancel", "nightly/articles"}), 0) << shell.errors;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(value("SELECT state FROM jobs"), "cancelled");
    EXPECT_EQ(value("SELECT count(*) FROM batches WHERE batch_id IS NOT NULL"), "0");
}

TEST_F(QueueTest, AFolderOfAJobIsNoFolderOfAQueue) {
    bench.start();
    bench.drop("nightly", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    bench.stop();
    bench.set("queue.nightly.model", "\"gpt-4o-mini\"");
    bench.write_configuration();
    Shell shell(bench);
    EXPECT_EQ(shell.run({"run", "--once"}), 78);
    EXPECT_TRUE(shell.complains("is the folder of a job")) << shell.errors;

    bench.unset("queue.nightly.model");
    bench.start();
    ASSERT_TRUE(wait_for_count("events WHERE kind = 'started'", 2));
    bench.set("queue.nightly.model", "\"gpt-4o-mini\"");
    bench.write_configuration();
    bench.daemon().send(SIGHUP);
    ASSERT_TRUE(wait_for_count(
        "conditions WHERE kind = 'configuration' AND text LIKE '%is the folder of a job%'", 1));
    EXPECT_FALSE(file_exists(bench.inbox() / "nightly").value()) << "nothing is taken over by halves";
}

TEST_F(QueueTest, SomebodyElsesLinkInThePlaceOfItsOutboxIsNotFollowed) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can make somebody else's link";
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.set("queue.nightly.model", "\"gpt-4o-mini\"");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("nightly", "articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    const Path elsewhere = bench.root() / "elsewhere", folder = bench.outbox() / "nightly";
    std::filesystem::create_directory(elsewhere);
    std::filesystem::rename(folder, bench.outbox() / "aside");
    std::filesystem::create_directory_symlink(elsewhere, folder);
    ASSERT_EQ(::lchown(folder.c_str(), 12345, 12345), 0);
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_event("waiting", "a link that somebody else has made"));
    Shell shell(bench);
    EXPECT_EQ(shell.run({"status"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("put the folder in its place")) << shell.output;
    EXPECT_TRUE(std::filesystem::is_empty(elsewhere));

    std::filesystem::remove(folder);
    std::filesystem::rename(bench.outbox() / "aside", folder);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(PublishedJob::read(folder / "articles").output_ids(), article_ids(5));
    EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
}

TEST_F(QueueTest, ASingleRunSendsAtOnceWhatAnEarlierRunLeftWaiting) {
    bench.set("queue.nightly.schedule", "\"0 0 1 1 *\"");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop_into("nightly", "articles", articles(5));
    ASSERT_TRUE(wait_for_count("waiting", 1));
    bench.stop();
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "nightly/articles").output_ids(), article_ids(5));
}

}  // namespace
}  // namespace batchd::testing
