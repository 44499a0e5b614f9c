// A copy of the state directory of an earlier moment is put back.
#include <csignal>

#include <filesystem>
#include <fstream>

#include <boost/json/value.hpp>

#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

namespace fs = std::filesystem;

class OldStateTest : public LyingTest {
protected:
    /// Of the whole state directory, while the daemon stands still.
    void copy_state() {
        bench.daemon().send(SIGSTOP);
        fs::copy(bench.state(), copy(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        bench.daemon().send(SIGCONT);
    }
    void put_copy_back() {
        fs::remove_all(bench.state());
        fs::rename(copy(), bench.state());
    }
    Path copy() const { return bench.root() / "copy"; }
};

TEST_F(OldStateTest, WhatWasSentSinceIsFoundAndNotSentAgain) {
    fault(R"({"route":"*","action":"status","status":503,"times":-1})");
    bench.drop("in", rows(10));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("batches") == 1; }));
    copy_state();
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.stop(), 0);
    put_copy_back();
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(batches_at_provider(), 1U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

TEST_F(OldStateTest, ASecondBatchThatWasSentSinceIsFoundThoughItsFolderIsGone) {
    manner(R"({"in_progress":3600})");
    fault(R"({"route":"POST /v1/files","action":"status","status":503,"skip":1,"times":-1})");
    bench.drop("in", file_of({chat_line("r-1"), chat_line("r-2", "gpt-4o")}));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/files", 2));
    copy_state();
    bench.provider().clear_faults();
    ASSERT_TRUE(wait_for_phase("watching", 2));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.stop(), 0);
    fs::rename(bench.outbox() / "in", bench.root() / "moved-away");
    put_copy_back();
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_answered("in", 2);
    EXPECT_EQ(batches_at_provider(), 2U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

TEST_F(OldStateTest, WhatWasAppendedAndSentSinceIsFoundAndNotSentAgain) {
    manner(R"({"in_progress":3600})");
    bench.drop("in", rows(2));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    const std::string key = bench.database().value("SELECT key FROM jobs");
    const std::string late = chat_line("late") + "\n";
    bench.expect_input("in", late);
    std::ofstream(bench.state() / "work" / key / "input.jsonl", std::ios::app) << late;
    copy_state();
    manner(R"({"in_progress":0})");
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.stop(), 0);
    for (const char* const name : {"in", "in.2"})
        fs::rename(bench.outbox() / name, bench.root() / (std::string("moved-") + name));
    put_copy_back();
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("in.2").output_ids(), std::vector<std::string>{"late"});
    EXPECT_EQ(batches_at_provider(), 2U);
    EXPECT_EQ(rows_paid_twice(), 0U);
}

}  // namespace
}  // namespace batchd::testing
