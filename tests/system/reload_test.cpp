#include <csignal>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

class ReloadTest : public SystemTest {
protected:
    void reload() {
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
    }
};

TEST_F(ReloadTest, AChangedLimitHoldsForTheNextFile) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.set("batch.max_requests", "2");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "read again"));
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().count("batches"), 3U);
}

TEST_F(ReloadTest, WhatCannotChangeWithoutARestartIsNamed) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.set("retry.min_backoff", "\"60ms\"");
    reload();
    EXPECT_TRUE(bench.wait_for_event("configuration", "next start only: retry.min_backoff"));
}

TEST_F(ReloadTest, AWrongConfigurationIsNotTakenOverAndNothingStops) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.set("poll.interval", "\"soon\"");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "not taken over"));
    EXPECT_NE(bench.log().find("warning configuration: not taken over"), std::string::npos) << bench.log();
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

}  // namespace
}  // namespace batchd::testing
