#include <filesystem>
#include <fstream>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "system/direct_bench.hpp"
#include "system/requests.hpp"

namespace batchd::testing {
namespace {

/// Jobs that are cancelled while their requests are sent one by one.
class DirectCancelTest : public DirectSystemTest {
protected:
    DirectCancelTest() { bench.set("provider.max_in_flight", "4"); }

    /// Behind the 20 the server is silent, with four requests under way.
    bool start_with_20_of_60_answered() {
        bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","action":"stall_before",)"
                                   R"("skip":20,"times":-1})");
        bench.drop("articles", articles(60));
        bench.start();
        // An answer that is on its way to the disk goes with the daemon, as one does that is under way.
        return bench.wait_until(
            [&] { return bench.requests_to("POST /v1/chat/completions") >= 24 && answers_on_disk() == 20; });
    }
    /// Of the only run.
    Path run_on_disk() {
        return std::filesystem::directory_iterator(bench.state() / "direct/default")->path();
    }
    Path requests_on_disk() { return run_on_disk() / "requests.jsonl"; }
    /// By the records of its journal; lib/FORMATS.md has these.
    std::size_t answers_on_disk() {
        constexpr std::size_t kHeadBytes = 8, kRecordBytes = 40;
        const std::string journal = slurp(run_on_disk() / "journal");
        std::size_t answers = 0;
        for (std::size_t at = kHeadBytes; at < journal.size(); at += kRecordBytes)
            if (journal[at] == 'A') ++answers;
        return answers;
    }
    static void write_over(const Path& path, const std::string& text) {
        std::ofstream(path, std::ios::binary) << text;
    }
    bool nothing_is_left() {
        return bench.wait_until([&] { return std::filesystem::is_empty(bench.state() / "direct/default"); });
    }
};

TEST_F(DirectCancelTest, WhatIsAnsweredIsDeliveredThoughTheServerOutlastsThePatience) {
    bench.set("retry.cancel_patience", "\"1s\"");
    ASSERT_TRUE(start_with_20_of_60_answered());
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.summary.at("state").as_string(), "cancelled");
    EXPECT_EQ(direct("paid"), 20U);
    EXPECT_EQ(job.output.size(), 20U);
    EXPECT_EQ(job.errors.size(), 40U);
    EXPECT_EQ(bench.database().value("SELECT outcome FROM batches"), "ended");
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(DirectCancelTest, WhatIsAnsweredIsDeliveredThoughTheRequestsAreGone) {
    ASSERT_TRUE(start_with_20_of_60_answered());
    bench.daemon().kill();
    std::filesystem::remove(requests_on_disk());
    bench.start();
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output.size(), 20U);
    EXPECT_EQ(job.errors.size(), 40U);
    EXPECT_EQ(job.errors.front().error_code(), "batch_cancelled");
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(DirectCancelTest, ADamagedRequestIsAnErrorLineAndTheOthersAreAnswered) {
    ASSERT_TRUE(start_with_20_of_60_answered());
    bench.daemon().kill();
    std::string text = slurp(requests_on_disk());
    // One of them has been answered; the file is overwritten in its place, and keeps its length.
    for (const std::string what : {"Summarise article_2\"", "Summarise article_50\""})
        text.replace(text.find(what), what.size(), what.size(), '#');
    write_over(requests_on_disk(), text);
    bench.provider().clear_faults();
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output.size(), 59U);
    ASSERT_EQ(job.errors.size(), 1U);
    EXPECT_EQ(job.error_ids(), std::vector<std::string>{"article_50"});
    EXPECT_EQ(job.errors.front().error_code(), "request_unreadable");
}

}  // namespace
}  // namespace batchd::testing
