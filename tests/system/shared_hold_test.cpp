// A batch that several jobs share is held, and one of them does not want to wait for it.

#include <csignal>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// "x" and "y" of a queue share a batch that runs at the provider, whose address is changed then. Folders of
/// queues are their own, so the general invariants are not looked at.
class SharedHoldTest : public ::testing::Test {
protected:
    void SetUp() override {
        bench.provider().change_settings(R"({"in_progress":3600})");
        bench.set("queue.small.collect_requests", "4");
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("started"));
        for (const char* const name : {"x", "y"}) bench.drop_into("small", name, articles(2));
        ASSERT_TRUE(wait_for_batch("status = 'in_progress'"));
        go_to("http://127.0.0.1:1/v1");
        ASSERT_TRUE(wait_for_batch("held IS NOT NULL"));
    }
    void TearDown() override { EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0); }

    void go_to(const std::string& address) {
        bench.set("provider.base_url", "\"" + address + "\"");
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
    }
    bool wait_for_batch(const std::string& condition) {
        return bench.wait_until(
            [&] { return bench.database().count("batches WHERE bundle IS NOT NULL AND " + condition) == 1; });
    }
    PublishedJob published(const std::string& name) {
        return PublishedJob::read(bench.outbox() / "small" / name);
    }
    std::string value(const std::string& sql) { return bench.database().value(sql); }

    Workbench bench;
    Shell shell{bench};
};

TEST_F(SharedHoldTest, WhoAbandonsItEndsAloneAndTheOthersHaveTheirAnswers) {
    EXPECT_EQ(shell.run({"abandon", "x"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("2 requests of 1 batch that is held end as batch_gone")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("x"), "failed");
    EXPECT_EQ(published("x").error_ids(), article_ids(2));
    EXPECT_EQ(published("x").errors.at(0).error_code(), "batch_gone");
    EXPECT_EQ(bench.job_state("y"), "running");
    EXPECT_TRUE(wait_for_batch("held IS NOT NULL"));
    go_to(bench.provider().base_url());
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(published("y").output_ids(), article_ids(2));
    EXPECT_EQ(published("x").output.size(), 0U);
    EXPECT_GT(std::stoi(value("SELECT input_tokens FROM jobs WHERE name = 'x'")), 0) << "it was charged";
}

}  // namespace
}  // namespace batchd::testing
