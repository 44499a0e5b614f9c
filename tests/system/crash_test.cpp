#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// The daemon dies at a chosen point, and the next start has to finish what it left.
class CrashTest : public SystemTest {
protected:
    /// A new start ends the job well, with one batch in all.
    void expect_next_start_to_finish(unsigned count = 5) {
        bench.provider().clear_faults();
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(count));
        EXPECT_EQ(bench.report().at("rows_run_again").to_number<int>(), 0);
    }
    std::uint64_t polls() {
        return bench.requests_to("GET /v1/batches") + bench.requests_to("GET /v1/batches/*");
    }
    bool wait_for_status(const std::string& status) {
        return bench.wait_until(
            [&] { return bench.database().count("batches WHERE status = ?", {status}) > 0; });
    }
};

TEST_F(CrashTest, KilledWhileAnUploadIsUnansweredItFindsTheFile) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"stall_after"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.report().at("files_uploaded") == 1; }));
    EXPECT_EQ(bench.database().value("SELECT status FROM batches"), "uploading");
    bench.daemon().kill();
    expect_next_start_to_finish();
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(CrashTest, KilledWhileAnUploadHasHadNoEffectItUploadsOnce) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"stall_before"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/files", 1));
    bench.daemon().kill();
    expect_next_start_to_finish();
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(CrashTest, KilledBetweenUploadAndCreateItUsesTheFileThatIsThere) {
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"status","status":429,"times":-1})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/batches", 1));
    ASSERT_TRUE(wait_for_status("uploaded"));
    bench.daemon().kill();
    expect_next_start_to_finish();
    EXPECT_EQ(bench.report().at("files_uploaded").to_number<int>(), 1);
}

TEST_F(CrashTest, KilledWhileACreateIsUnansweredItFindsTheBatch) {
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_after"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return !bench.report().at("batches").as_array().empty(); }));
    EXPECT_EQ(bench.database().value("SELECT status FROM batches"), "creating");
    bench.daemon().kill();
    expect_next_start_to_finish();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(CrashTest, KilledWhileACreateHasHadNoEffectItCreatesOnce) {
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_before"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/batches", 1));
    bench.daemon().kill();
    expect_next_start_to_finish();
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 1U);
}

TEST_F(CrashTest, KilledWhileItsBatchRunsItGoesOnWatchingIt) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.daemon().kill();
    bench.provider().advance_clock(2h);
    expect_next_start_to_finish();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(CrashTest, KilledWhileDownloadingItPublishesTheWholeFileLater) {
    bench.provider().add_fault(R"({"route":"GET /v1/files/*/content","action":"stall_body","bytes":700})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("GET /v1/files/*/content", 1));
    bench.daemon().kill();
    EXPECT_FALSE(std::filesystem::exists(bench.outbox() / "articles"));
    expect_next_start_to_finish();
}

TEST_F(CrashTest, KilledBetweenTwoAttemptsItSendsTheSameRowsAgainOnce) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500,"runs_max":1}]})");
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_after","skip":1})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.report().at("batches").as_array().size() == 2; }));
    bench.daemon().kill();
    bench.provider().clear_faults();
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 2U);
}

TEST_F(CrashTest, KilledAgainAndAgainAtAnyMomentItLosesNothingAndPaysNothingTwice) {
    bench.set("batch.max_requests", "4");
    bench.set("retry.row_attempts", "10");
    bench.provider().change_settings(R"({"fail_rate":0.2,"in_progress":0.05})");
    for (int job = 0; job < 4; ++job) bench.drop("job-" + std::to_string(job), articles(10));
    // The provider's own count of requests is the clock: each life ends a few requests after it began.
    for (std::uint64_t life = 1; life <= 12; ++life) {
        bench.start();
        const auto began = bench.report().at("bytes_up").to_number<std::uint64_t>();
        bench.wait_until([&] {
            return bench.report().at("bytes_up").to_number<std::uint64_t>() > began + 400 * life ||
                   bench.database().count("jobs WHERE state = 'done'") == 4;
        });
        bench.daemon().kill();
    }
    EXPECT_EQ(bench.run_once(), 0);
    for (int job = 0; job < 4; ++job)
        EXPECT_EQ(bench.published("job-" + std::to_string(job)).output_ids(), article_ids(10));
}

TEST_F(CrashTest, AStartWithNothingToDoWritesNothingAtTheProvider) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    bench.daemon().kill();
    const auto before = polls();
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return polls() >= before + 2; }));
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 1U);
}

TEST_F(CrashTest, ATermSignalEndsItAndTheNextStartGoesOn) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(wait_for_status("in_progress"));
    EXPECT_EQ(bench.stop(), 0);
    bench.provider().advance_clock(2h);
    expect_next_start_to_finish();
}

TEST_F(CrashTest, ATermSignalEndsItEvenWhileTheProviderIsSilent) {
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"stall_after"})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/batches", 1));
    EXPECT_EQ(bench.stop(), 0);  // long before provider.timeout
    EXPECT_EQ(bench.database().value("SELECT status FROM batches"), "creating");
    expect_next_start_to_finish();
}

}  // namespace
}  // namespace batchd::testing
