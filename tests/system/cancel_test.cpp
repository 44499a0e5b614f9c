#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// Somebody asks for a cancel, with sqlite3, while the daemon runs and while it doesn't.
class CancelTest : public SystemTest {
protected:
    static constexpr const char* kSlow = R"({"in_progress":3600,"cancelling":0.2})";

    bool wait_for_status(const std::string& status, std::size_t count = 1) {
        return bench.wait_until(
            [&] { return bench.database().count("batches WHERE status = ?", {status}) >= count; });
    }
    /// A job whose only batch runs at the provider.
    void start_with_a_batch_in_progress() {
        bench.provider().change_settings(kSlow);
        bench.drop("articles", articles(6));
        bench.start();
        ASSERT_TRUE(wait_for_status("in_progress"));
    }
    bool wait_for_result(const std::string& part) {
        return bench.wait_until([&] {
            return bench.database().count("commands WHERE done_at IS NOT NULL AND instr(result, ?) > 0",
                                          {part}) > 0;
        });
    }
    std::uint64_t cancels() { return bench.requests_to("POST /v1/batches/*/cancel"); }
};

TEST_F(CancelTest, ABatchInFlightIsCancelledAndWhatItHasAnsweredIsDelivered) {
    start_with_a_batch_in_progress();
    bench.provider().advance_clock(30min);  // half of it is done
    bench.ask("cancel", 1);
    ASSERT_TRUE(
        wait_for_result("job 1 (articles) is being cancelled: 1 batch at the provider to be stopped"));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.summary.at("state").as_string(), "cancelled");
    EXPECT_GT(job.output.size(), 0U);
    EXPECT_GT(job.errors.size(), 0U);
    for (const ResultLine& line : job.errors) EXPECT_EQ(line.error_code(), "batch_cancelled");
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
    EXPECT_EQ(cancels(), 1U);
    EXPECT_EQ(bench.database().value("SELECT ok FROM commands"), "1");
    EXPECT_TRUE(bench.database().has_event("job_cancelled"));
}

TEST_F(CancelTest, BatchesThatAreNotSubmittedYetNeverAre) {
    bench.provider().change_settings(kSlow);
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":429,"times":-1,"skip":1})");
    bench.set("batch.max_requests", "2");
    bench.drop("articles", articles(6));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    ASSERT_TRUE(bench.wait_until([&] { return bench.requests_to("POST /v1/batches") >= 2; }));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 1U);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output.size() + job.errors.size(), 6U);
    EXPECT_EQ(bench.database().count("batches WHERE batch_id IS NULL AND status = 'cancelled'"), 2U);
}

TEST_F(CancelTest, AJobWithoutAKeyIsCancelledWithoutTheProvider) {
    std::filesystem::remove(bench.key_file());
    bench.drop("articles", articles(3));
    bench.start();
    // The submitter waits at the gate, and nothing says that anything was sent.
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "there is no API key"));
    EXPECT_EQ(bench.database().count("batches WHERE status = 'planned'"), 1U);
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.error_ids(), article_ids(3));
    EXPECT_EQ(job.errors.front().error_code(), "batch_cancelled");
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 0);
}

TEST_F(CancelTest, ACreateInDoubtIsSettledFirstAndThenCancelled) {
    bench.provider().change_settings(kSlow);
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    bench.provider().add_fault(R"({"route":"GET /v1/batches","action":"status","status":503,"times":2})");
    bench.drop("articles", articles(4));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("doubt", "create"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 1U);
    EXPECT_EQ(cancels(), 1U);
    EXPECT_TRUE(bench.database().has_event("doubt_settled", "took effect"));
}

TEST_F(CancelTest, WhatWasAskedWhileTheDaemonWasDownIsDoneAtItsStart) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(bench.stop(), 0);
    bench.ask("cancel", 1);
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(cancels(), 1U);
}

TEST_F(CancelTest, KilledWhileTheCancelIsUnansweredItCancelsAndKeepsWhatWasAnswered) {
    start_with_a_batch_in_progress();
    bench.provider().advance_clock(30min);
    bench.provider().add_fault(R"({"route":"POST /v1/batches/*/cancel","action":"stall_before"})");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_until([&] { return cancels() == 1; }));
    bench.daemon().kill();
    EXPECT_EQ(bench.database().value("SELECT cancel_asked_at IS NOT NULL FROM jobs"), "1");
    EXPECT_EQ(bench.database().value("SELECT cancel_sent_at IS NULL FROM batches"), "1");
    bench.provider().clear_faults();
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    const PublishedJob job = bench.published("articles");
    EXPECT_GT(job.output.size(), 0U);
    EXPECT_GT(job.errors.size(), 0U);
}

TEST_F(CancelTest, KilledBehindTheCancelItDoesNotCancelAgain) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":3600})");
    bench.drop("articles", articles(6));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.provider().advance_clock(30min);
    bench.ask("cancel", 1);
    ASSERT_TRUE(wait_for_status("cancelling"));
    bench.daemon().kill();
    bench.provider().advance_clock(2h);
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(cancels(), 1U);
    EXPECT_GT(bench.published("articles").output.size(), 0U);
}

TEST_F(CancelTest, ABatchThatTheProviderCancelledBeforeItBeganLeavesNoRequestWithoutALine) {
    bench.provider().change_settings(R"({"validating":3600,"cancelling":0})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.error_ids(), article_ids(3));
    EXPECT_EQ(job.errors.back().error_code(), "batch_cancelled");
}

TEST_F(CancelTest, RowsThatFailedAreNotSentAgainOnceTheJobIsCancelled) {
    bench.provider().change_settings(R"({"in_progress":3600,"rows":[{"match":"article_*","status":500}]})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches/*/cancel","action":"status","status":409,"times":-1})");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_event("batch_cancelling", "too late"));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").errors.front().status(), 500);
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(CancelTest, ACancelThatComesTooLateEndsAsDone) {
    start_with_a_batch_in_progress();
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches/*/cancel","action":"status","status":409,"times":-1})");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_event("batch_cancelling", "too late"));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "done");
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(6));
}

TEST_F(CancelTest, ABatchThatNeverEndsEndsWithThePatience) {
    bench.set("retry.cancel_patience", "\"2s\"");
    start_with_a_batch_in_progress();
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches/*/cancel","action":"status","status":500,"times":-1})");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.error_ids(), article_ids(6));
    EXPECT_EQ(job.errors.front().error_code(), "batch_cancelled");
    EXPECT_TRUE(bench.database().has_event("batch_left_open", "it may go on there and be charged"));
    EXPECT_EQ(bench.database().value("SELECT outcome FROM batches"), "unanswered_cancel");
}

TEST_F(CancelTest, AJobOfBeforeTheStartIsCancelledThoughTheProviderIsClosed) {
    bench.set("retry.cancel_patience", "\"1s\"");
    std::filesystem::remove(bench.key_file());
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("job_planned"));
    EXPECT_EQ(bench.stop(), 0);
    bench.start();  // the state may be an old copy, so it would look whether it was sent
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.published("articles").error_ids(), article_ids(3));
    EXPECT_TRUE(bench.database().has_event("batch_abandoned", "may run at the provider"));
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 0);
}

TEST_F(CancelTest, ACreateInDoubtIsGivenUpThoughTheProviderIsClosed) {
    bench.excuse_provider_hiding_batches();
    bench.set("retry.cancel_patience", "\"1s\"");
    bench.provider().change_settings(kSlow);
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    bench.provider().add_fault(R"({"route":"GET /v1/batches","action":"status","status":401,"times":-1})");
    bench.provider().add_fault(R"({"route":"GET /v1/files","action":"status","status":401,"times":-1})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("doubt", "create"));
    ASSERT_TRUE(bench.wait_for_event("provider_closed"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.database().value("SELECT outcome FROM batches"), "unanswered_cancel");
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(CancelTest, OtherJobsGoOn) {
    start_with_a_batch_in_progress();
    bench.drop("others", articles(2));
    ASSERT_TRUE(wait_for_status("in_progress", 2));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.job_state("others"), "done");
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
}

TEST_F(CancelTest, OfAnEndedOrUnknownJobNothingChangesAndTheResultSaysSo) {
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 0);
    bench.start();
    bench.ask("cancel", 1);
    ASSERT_TRUE(wait_for_result("job 1 (articles) has ended as done; there is nothing to cancel"));
    EXPECT_THROW(bench.ask("cancel", 77), std::runtime_error);  // at once, by the database itself
    EXPECT_EQ(bench.database().count("commands WHERE ok = 0"), 1U);
    EXPECT_EQ(bench.job_state("articles"), "done");
}

TEST_F(CancelTest, ASecondCancelIsAnsweredAndDoesNoMore) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":3600})");
    bench.drop("articles", articles(2));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.ask("cancel", 1);
    bench.ask("cancel", 1);
    ASSERT_TRUE(wait_for_result("is being cancelled already"));
    ASSERT_TRUE(wait_for_status("cancelling"));
    EXPECT_EQ(cancels(), 1U);
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(CancelTest, ACommitThatTakesItsTimeIsSeenAllTheSame) {
    bench.set("spool.scan_interval", "\"1h\"");  // no net below
    start_with_a_batch_in_progress();
    OpenWriter writer(bench.state() / "batchd.db");
    writer.execute("INSERT INTO commands (verb, job_id) VALUES ('cancel', 1)");
    const auto events = bench.database().count("events");
    EXPECT_EQ(bench.database().count("commands"), 0U);
    writer.commit();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_GT(bench.database().count("events"), events);
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
}

}  // namespace
}  // namespace batchd::testing
