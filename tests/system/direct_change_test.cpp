#include <csignal>

#include "sim/backend.hpp"
#include "system/direct_bench.hpp"
#include "system/requests.hpp"
#include "system/small_disk.hpp"

namespace batchd::testing {
namespace {

/// A daemon that is told something while requests are under way.
class DirectChangeTest : public DirectSystemTest {
protected:
    DirectChangeTest() {
        bench.set("provider.max_in_flight", "4");
        bench.provider().change_settings(R"({"direct_seconds":0.2})");
    }
    void start_with(unsigned requests) {
        bench.drop("articles", articles(requests));
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] { return direct("paid") >= 8; }));
    }
    void reload() {
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
    }
    void expect_all_once(unsigned requests) {
        const PublishedJob job = bench.published("articles");
        EXPECT_EQ(job.output_ids(), article_ids(requests));
        EXPECT_EQ(job.summary.at("possibly_repeated").to_number<int>(), 0);
        EXPECT_EQ(direct("paid_again"), 0U);
    }
};

TEST_F(DirectChangeTest, AReloadOfItsLimitsBreaksNothingOff) {
    start_with(60);
    bench.set("provider.max_in_flight", "12");
    bench.set("provider.timeout", "\"30s\"");
    bench.set("provider.requests_per_minute", "60000");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "read again"));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_GT(direct("at_once_max"), 4U);
    expect_all_once(60);
}

TEST_F(DirectChangeTest, AStopWaitsForTheAnswersThatAreAboutToCome) {
    start_with(40);
    EXPECT_EQ(bench.stop(), 0);
    const std::uint64_t paid = direct("paid");
    EXPECT_LT(paid, 40U) << "no new ones are sent";
    EXPECT_EQ(bench.run_once(), 0);
    expect_all_once(40);
}

TEST_F(DirectChangeTest, AStopDoesNotWaitForAServerThatTakesLonger) {
    bench.provider().change_settings(R"({"direct_seconds":30})");
    bench.drop("articles", articles(4));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return direct("paid") == 4; }));
    EXPECT_EQ(bench.stop(), 0);
    bench.provider().change_settings(R"({"direct_seconds":0})");
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").summary.at("possibly_repeated").to_number<int>(), 4);
}

TEST_F(DirectChangeTest, AnotherAddressIsTakenOverBehindWhatIsUnderWay) {
    bench.use_transport(Transport::plain);
    bench.provider().change_settings(R"({"direct_seconds":0.2})");
    start_with(40);
    // The same server under another name: both answer, whichever is asked at which moment.
    bench.set("provider.base_url", "\"http://localhost:" + std::to_string(bench.provider().port()) + "/v1\"");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "read again"));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_all_once(40);
}

TEST_F(DirectChangeTest, AStateDirectoryThatWaitsForARestartWaitsAlsoWhereTheAddressChanges) {
    bench.use_transport(Transport::plain);
    bench.provider().change_settings(R"({"direct_seconds":0.2})");
    start_with(40);
    const Path next = bench.root() / "next";
    bench.set("state.directory", "\"" + next.string() + "\"");
    bench.set("provider.base_url", "\"http://localhost:" + std::to_string(bench.provider().port()) + "/v1\"");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "next start only: state.directory"));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_all_once(40);
    bench.drop("letters", articles(3));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_FALSE(file_exists(next).value());
}

TEST_F(DirectChangeTest, TwoReloadsInARowLeaveTheLastAddressAtWork) {
    bench.use_transport(Transport::plain);
    bench.provider().change_settings(R"({"direct_seconds":0.5})");
    start_with(40);
    const std::string port = std::to_string(bench.provider().port());
    for (const char* host : {"localhost", "127.0.0.1"}) {
        bench.set("provider.base_url", std::string("\"http://") + host + ":" + port + "/v1\"");
        reload();
        ASSERT_TRUE(bench.wait_until([&] {
            return bench.database().count("events WHERE kind = 'configuration' AND detail = 'read again'") ==
                   (std::string_view(host) == "localhost" ? 1U : 2U);
        }));
    }
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_all_once(40);
}

TEST_F(DirectChangeTest, AnswersThatWaitForAFullDiskOutlastAReload) {
    SmallDisk disk(bench.state() / "direct", 8 * 1024 * 1024);
    if (!disk.is_mounted()) GTEST_SKIP() << disk.why();
    bench.use_transport(Transport::plain);
    bench.provider().change_settings(R"({"direct_seconds":0.05})");
    start_with(200);
    disk.fill();
    const auto is_said = [&] {
        return bench.database().count("conditions WHERE kind = 'waiting' AND instr(text, 'No space')") > 0;
    };
    ASSERT_TRUE(bench.wait_until(is_said));
    bench.set("provider.base_url", "\"http://localhost:" + std::to_string(bench.provider().port()) + "/v1\"");
    reload();
    ASSERT_TRUE(bench.wait_for_event("configuration", "read again"));
    disk.free();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(200));
    EXPECT_EQ(direct("paid_again"), 0U);
}

TEST_F(DirectChangeTest, WhatItIsDoingIsInTheStateWhileItDoesIt) {
    start_with(60);
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count(
                   "conditions WHERE kind = 'activity' AND instr(text, 'requests a second') "
                   "AND instr(text, 'in flight of at most')") == 1;
    }));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("conditions WHERE kind = 'activity'") == 0; }));
}

}  // namespace
}  // namespace batchd::testing
