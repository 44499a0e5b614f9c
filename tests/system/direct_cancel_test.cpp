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

    bool nothing_is_left() {
        return bench.wait_until([&] { return std::filesystem::is_empty(bench.state() / "direct/default"); });
    }
};

TEST_F(DirectCancelTest, WhatIsAnsweredIsDeliveredThoughTheServerOutlastsThePatience) {
    bench.set("retry.cancel_patience", "\"1s\"");
    bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","action":"stall_before",)"
                               R"("skip":20,"times":-1})");
    bench.drop("articles", articles(60));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return bench.requests_to("POST /v1/chat/completions") >= 24; }));
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

}  // namespace
}  // namespace batchd::testing
