#include <csignal>
#include <memory>

#include <sqlite3.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/small_disk.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// A daemon whose state, or outbox, is on a disk of a few megabytes.
class FullDiskTest : public SystemTest {
protected:
    /// Where that is not allowed, disk() says so, and the test is skipped.
    void mount(const Path& on) { disk_ = std::make_unique<SmallDisk>(on, 8 * 1024 * 1024); }
    SmallDisk& disk() { return *disk_; }
    bool said(const std::string& text) { return bench.log().find(text) != std::string::npos; }
    bool wait_until_it_says(const std::string& text) {
        return bench.wait_until([&] { return said(text); });
    }
    void expect_the_answers() {
        ASSERT_TRUE(bench.wait_for_jobs(1));
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
        EXPECT_EQ(bench.job_state("articles"), "done");
    }

private:
    std::unique_ptr<SmallDisk> disk_;
};

TEST_F(FullDiskTest, AFileStaysInTheInboxUntilThereIsRoomForItsState) {
    mount(bench.state());
    if (!disk().is_mounted()) GTEST_SKIP() << disk().why();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    disk().fill();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(wait_until_it_says("disk is full"));
    EXPECT_TRUE(std::filesystem::exists(bench.inbox() / "articles.jsonl"));
    disk().free();
    expect_the_answers();
}

TEST_F(FullDiskTest, ABatchInFlightIsCollectedOnceThereIsRoomAgain) {
    mount(bench.state());
    if (!disk().is_mounted()) GTEST_SKIP() << disk().why();
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    disk().fill();
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(wait_until_it_says("full"));
    EXPECT_TRUE(bench.daemon().runs());
    disk().free();
    expect_the_answers();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(FullDiskTest, KilledOnAFullDiskItGoesOnOnceThereIsRoom) {
    mount(bench.state());
    if (!disk().is_mounted()) GTEST_SKIP() << disk().why();
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    disk().fill();
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(wait_until_it_says("full"));
    bench.daemon().kill();
    disk().free();
    bench.start();
    expect_the_answers();
}

TEST_F(FullDiskTest, AFullOutboxKeepsTheJobUntilThereIsRoom) {
    mount(bench.outbox());
    if (!disk().is_mounted()) GTEST_SKIP() << disk().why();
    disk().fill();
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("waiting", "No space left on device"));
    EXPECT_EQ(bench.job_state("articles"), "delivering");
    disk().free();
    expect_the_answers();
}

TEST_F(FullDiskTest, AnOutboxThatBecomesReadOnlyKeepsTheJobUntilItIsNot) {
    mount(bench.outbox());
    if (!disk().is_mounted()) GTEST_SKIP() << disk().why();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    ASSERT_TRUE(disk().remount(SmallDisk::Access::read_only));
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("waiting", "Read-only file system"));
    ASSERT_TRUE(disk().remount(SmallDisk::Access::read_write));
    expect_the_answers();
}

/// Somebody with sqlite3 who has begun to write and has gone to lunch.
class LongWriter {
public:
    explicit LongWriter(const Path& database) {
        EXPECT_EQ(sqlite3_open_v2(database.c_str(), &connection_, SQLITE_OPEN_READWRITE, nullptr), SQLITE_OK);
        sqlite3_busy_timeout(connection_, 10'000);
        EXPECT_EQ(sqlite3_exec(connection_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    LongWriter(const LongWriter&) = delete;
    LongWriter& operator=(const LongWriter&) = delete;
    ~LongWriter() { sqlite3_close(connection_); }

private:
    sqlite3* connection_ = nullptr;
};

class MachineTest : public SystemTest {
protected:
    /// A job whose batch runs for an hour.
    void start_with_a_batch_in_flight() {
        bench.provider().change_settings(R"({"in_progress":3600})");
        bench.drop("articles", articles(5));
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("batch_created"));
    }
    void let_it_end() {
        bench.provider().advance_clock(2h);
        ASSERT_TRUE(bench.wait_for_jobs(1));
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    }
};

TEST_F(MachineTest, SomebodyWhoKeepsTheDatabaseLockedDelaysItAndLosesNothing) {
    start_with_a_batch_in_flight();
    {
        const LongWriter writer(bench.state() / "batchd.db");
        bench.provider().advance_clock(2h);
        ASSERT_TRUE(bench.wait_until([&] { return bench.log().find("locked") != std::string::npos; }));
        EXPECT_EQ(bench.job_state("articles"), "running");
    }
    let_it_end();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(MachineTest, WithItsDatabaseTakenAwayItDecidesNothingUntilItIsBack) {
    start_with_a_batch_in_flight();
    const Path database = bench.state() / "batchd.db", elsewhere = bench.state() / "elsewhere.db";
    std::filesystem::rename(database, elsewhere);
    bench.provider().advance_clock(2h);
    EXPECT_TRUE(
        bench.wait_until([&] { return bench.log().find("deleted or replaced") != std::string::npos; }));
    std::filesystem::rename(elsewhere, database);
    let_it_end();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

/// The index of what is sent, on a disk that does not keep what it was given.
void damage_rows(const Path& state) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(state / "work")) {
        if (entry.path().filename() != "shard-1.attempt-1.jsonl.rows") continue;
        std::string bytes = testing::slurp(entry.path());
        bytes.at(20) = static_cast<char>(~bytes.at(20));
        ASSERT_TRUE(replace_file(entry.path(), bytes));
    }
}

TEST_F(MachineTest, ADamagedIndexIsMadeAgainWhenTheAnswersCome) {
    start_with_a_batch_in_flight();
    damage_rows(bench.state());
    let_it_end();
    EXPECT_EQ(bench.database().count("events WHERE kind = 'rows_mended'"), 1U);
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(MachineTest, ADamagedIndexIsMadeAgainBeforeItsRequestsAreSent) {
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"status","status":503})");
    bench.start();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("waiting", "upload"));
    damage_rows(bench.state());
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
    EXPECT_EQ(bench.database().count("events WHERE kind = 'rows_mended'"), 1U);
}

TEST_F(MachineTest, AStormOfHangupsStopsNothing) {
    start_with_a_batch_in_flight();
    for (int i = 0; i < 200; ++i) bench.daemon().send(SIGHUP);
    ASSERT_TRUE(bench.wait_for_event("configuration", "read again"));
    let_it_end();
}

TEST_F(MachineTest, TheEndOfWhoReadsItsLogIsNotItsOwn) {
    start_with_a_batch_in_flight();
    bench.daemon().send(SIGPIPE);
    let_it_end();
    EXPECT_TRUE(bench.daemon().runs());
}

TEST_F(MachineTest, StoppedAndContinuedItGoesOn) {
    start_with_a_batch_in_flight();
    bench.daemon().send(SIGSTOP);
    bench.provider().advance_clock(2h);
    bench.daemon().send(SIGCONT);
    let_it_end();
}

TEST_F(MachineTest, ANameThatDoesNotResolveIsWaitedForAndSaid) {
    bench.set("provider.base_url", "\"https://provider.invalid/v1\"");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "provider.invalid"));
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(bench.job_state("articles"), "running");
    bench.set("provider.base_url", "\"" + bench.provider().base_url() + "\"");
    bench.start();
    let_it_end();
}

TEST_F(MachineTest, AnAnswerFileThatTheProviderNoLongerHasIsSaidAndNothingIsPaidAgain) {
    bench.set("retry.result_patience", "\"1s\"");
    bench.provider().add_fault(
        R"({"route":"GET /v1/files/*/content","action":"status","status":404,"times":-1,"body":"{\"error\":{\"message\":\"No such File object\",\"code\":null}}"})");
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_TRUE(bench.database().has_event("batch_gone", "result file"));
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.error_ids(), article_ids(5));
    EXPECT_EQ(job.errors.at(0).error_code(), "answer_lost");
    EXPECT_GT(bench.requests_to("GET /v1/files/*/content"), 1U) << "one no is not enough";
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U);
}

TEST_F(MachineTest, APagingThatSkipsOrRepeatsRowsHidesNoBatch) {
    bench.set("batch.max_requests", "1");
    for (const char* ties : {"skip", "repeat"}) {
        bench.provider().change_settings(R"({"list_ties":")" + std::string(ties) + "\"}");
        bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after","times":2})");
        bench.drop(ties, articles(6));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published(ties).output_ids(), article_ids(6));
    }
    EXPECT_EQ(bench.report().at("batches").as_array().size(), 12U);
}

}  // namespace
}  // namespace batchd::testing
