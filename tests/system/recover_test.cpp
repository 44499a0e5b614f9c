#include <filesystem>
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// The database is lost or damaged while work/, the outbox and the provider are not.
class RecoverTest : public SystemTest {
protected:
    bool wait_for_phase(const std::string& phase, std::size_t count = 1) {
        return bench.wait_until(
            [&] { return bench.database().count("batches WHERE phase = ?", {phase}) == count; });
    }
    bool said(const std::string& text) {
        return (bench.log() + bench.output()).find(text) != std::string::npos;
    }
    std::size_t batches_at_provider() { return bench.report().at("batches").as_array().size(); }
    void expect_recovery_and_the_answers(unsigned count = 5) {
        EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
        bench.provider().clear_faults();
        bench.provider().advance_clock(2h);
        EXPECT_EQ(bench.run_once(), 0) << bench.log();
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(count));
    }
};

TEST_F(RecoverTest, WithoutItsDatabaseTheDaemonRefusesToRunAndSaysWhatToDo) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    bench.daemon().kill();
    bench.lose_database();
    EXPECT_EQ(bench.run({"run"}), 65);
    EXPECT_TRUE(said("run `batchd recover`")) << bench.log();
    EXPECT_FALSE(fs::exists(bench.state() / "batchd.db"));
    expect_recovery_and_the_answers();
}

TEST_F(RecoverTest, BatchesInFlightAreAdoptedNotSubmittedAgain) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.set("batch.max_requests", "2");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching", 3));
    bench.daemon().kill();
    bench.lose_database();
    expect_recovery_and_the_answers();
    EXPECT_EQ(batches_at_provider(), 3U);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 3U);
}

TEST_F(RecoverTest, ABatchWhoseCreateWasNeverAnsweredIsFoundInTheListing) {
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_after"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return batches_at_provider() == 1; }));
    bench.daemon().kill();
    bench.lose_database();
    expect_recovery_and_the_answers();
    EXPECT_EQ(batches_at_provider(), 1U);
}

TEST_F(RecoverTest, ASecondAttemptInFlightIsAdoptedWhenTheFirstIsCollectedAgain) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500,"runs_max":1}]})");
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_after","skip":1})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return batches_at_provider() == 2; }));
    bench.daemon().kill();
    bench.lose_database();
    expect_recovery_and_the_answers();
    EXPECT_EQ(batches_at_provider(), 2U);
}

TEST_F(RecoverTest, WhatWasNeverSubmittedIsSubmittedOnce) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"stall_before"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/files", 1));
    bench.daemon().kill();
    bench.lose_database();
    expect_recovery_and_the_answers();
    EXPECT_EQ(batches_at_provider(), 1U);
}

TEST_F(RecoverTest, ADamagedDatabaseIsPutAsideAndBuiltAgain) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    bench.daemon().kill();
    bench.lose_database();
    std::ofstream(bench.state() / "batchd.db") << std::string(20'000, 'Z');
    EXPECT_EQ(bench.run({"run"}), 65);
    EXPECT_TRUE(said("run `batchd recover`")) << bench.log();
    EXPECT_EQ(bench.run({"status"}), 65);
    expect_recovery_and_the_answers();
    EXPECT_TRUE(said("batchd.db.damaged-")) << bench.output();
    EXPECT_EQ(batches_at_provider(), 1U);
}

TEST_F(RecoverTest, EndedJobsAreOnRecordAgainWithTheirNumbers) {
    bench.drop("articles", articles(5));
    ASSERT_EQ(bench.run_once(), 0);
    bench.drop("broken", "this is no request\n");
    ASSERT_EQ(bench.run_once(), 1);
    const std::string before = bench.database().value(
        "SELECT group_concat(name || state || requests || succeeded || ifnull(sha256, '')) FROM jobs WHERE "
        "name = "
        "'articles'");
    const std::string batch = bench.database().value("SELECT batch_id FROM batches");
    bench.lose_database();
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    EXPECT_EQ(bench.database().value("SELECT group_concat(name || state || requests || succeeded || "
                                     "ifnull(sha256, '')) FROM jobs WHERE name = 'articles'"),
              before);
    EXPECT_EQ(bench.database().value("SELECT batch_id FROM batches"), batch);
    EXPECT_EQ(bench.job_state("broken"), "rejected");
}

TEST_F(RecoverTest, AnOldCopyOfTheDatabaseDoesNotPayAgainForWhatWasSubmittedSince) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"status","status":500,"times":-1})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/files", 1));
    bench.daemon().kill();
    bench.copy_database();
    bench.provider().clear_faults();
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    bench.daemon().kill();
    bench.put_database_copy_back();
    bench.provider().advance_clock(2h);
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(batches_at_provider(), 1U);
}

TEST_F(RecoverTest, AJobThatWasDeliveredSinceTheCopyIsOnRecordAsItsFolderTells) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    bench.daemon().kill();
    bench.copy_database();
    bench.provider().advance_clock(2h);
    ASSERT_EQ(bench.run_once(), 0) << bench.log();
    const std::string batch = bench.database().value("SELECT batch_id FROM batches");
    bench.put_database_copy_back();
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(bench.job_state("articles"), "done");
    EXPECT_EQ(bench.database().value("SELECT succeeded FROM jobs"), "5");
    EXPECT_EQ(bench.database().value("SELECT batch_id FROM batches"), batch);
    EXPECT_EQ(bench.database().count("jobs WHERE released_at IS NOT NULL"), 1U) << "budgets count it";
    EXPECT_EQ(bench.database().count("batches WHERE phase <> 'collected'"), 0U);
    EXPECT_EQ(bench.database().count("events WHERE kind = 'recovered'"), 1U);
    EXPECT_FALSE(fs::exists(bench.outbox() / "articles.2"));
    EXPECT_EQ(batches_at_provider(), 1U);
}

TEST_F(RecoverTest, AHundredBatchesAreFoundInOneSharedWalkThroughTheListing) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.set("batch.max_requests", "1");
    bench.drop("articles", articles(100));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching", 100));
    bench.daemon().kill();
    bench.lose_database();
    for (const auto& entry : fs::recursive_directory_iterator(bench.state() / "work"))
        if (entry.path().extension() == ".batch") fs::remove(entry.path());
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    const std::uint64_t pages = bench.requests_to("GET /v1/batches");
    bench.set("poll.interval", "\"1h\"");  // so that only the walk is counted, however long it takes
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching", 100));
    EXPECT_LE(bench.requests_to("GET /v1/batches") - pages, 40U);
    EXPECT_EQ(bench.stop(), 0);
    bench.set("poll.interval", "\"100ms\"");
    bench.provider().advance_clock(2h);
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(100));
    EXPECT_EQ(batches_at_provider(), 100U);
}

TEST_F(RecoverTest, RecoverWithASoundDatabaseChangesNothing) {
    bench.drop("articles", articles(5));
    ASSERT_EQ(bench.run_once(), 0);
    const std::string before = bench.database().value("SELECT count(*) FROM events");
    EXPECT_EQ(bench.run({"recover"}), 0);
    EXPECT_TRUE(said("nothing to recover")) << bench.output();
    EXPECT_EQ(bench.database().value("SELECT count(*) FROM events"), before);
}

TEST_F(RecoverTest, RecoverWhileTheDaemonRunsIsRefused) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    EXPECT_TRUE(bench.daemon().runs());
    const auto pid = bench.daemon().pid();
    DaemonProcess recover({.arguments = {"--config", bench.configuration_file().string(), "recover"},
                           .environment = {},
                           .output = bench.root() / "recover.out",
                           .errors = bench.root() / "recover.err"});
    EXPECT_EQ(recover.wait_for_exit(kDeadline), 1);
    EXPECT_NE(slurp(bench.root() / "recover.err").find(std::to_string(pid)), std::string::npos);
}

}  // namespace
}  // namespace batchd::testing
