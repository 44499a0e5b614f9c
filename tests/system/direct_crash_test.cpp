#include "system/direct_bench.hpp"
#include "system/requests.hpp"

namespace batchd::testing {
namespace {

constexpr unsigned kInFlight = 8;
/// An answer that is not on disk yet is under way as well, and its place is another's by then.
constexpr unsigned kUnderWay = 2 * kInFlight;

/// The daemon dies while requests are under way.
class DirectCrashTest : public DirectSystemTest {
protected:
    DirectCrashTest() {
        bench.set("provider.max_in_flight", std::to_string(kInFlight));
        bench.provider().change_settings(R"({"direct_seconds":0.01})");
    }
    void live_until_paid(std::uint64_t count) {
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] { return direct("paid") >= count; }));
    }
    std::uint64_t possibly_repeated() {
        return bench.published("articles").summary.at("possibly_repeated").to_number<std::uint64_t>();
    }
};

TEST_F(DirectCrashTest, KilledFiveTimesItComesBackWholeAndRepeatsOnlyWhatWasInFlight) {
    bench.drop("articles", articles(600));
    for (std::uint64_t life = 1; life <= 5; ++life) {
        live_until_paid(100 * life);
        bench.daemon().kill();
    }
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(600));
    EXPECT_GT(possibly_repeated(), 0U);
    EXPECT_LE(possibly_repeated(), 5 * kUnderWay);
    EXPECT_LE(direct("paid_again"), possibly_repeated());
    EXPECT_TRUE(bench.database().has_event("requests_repeated"));
}

TEST_F(DirectCrashTest, StoppedByASignalItGoesOnWhereItWas) {
    bench.drop("articles", articles(300));
    live_until_paid(50);
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(300));
    EXPECT_LE(direct("paid_again"), possibly_repeated());
    EXPECT_LE(possibly_repeated(), kUnderWay);
}

TEST_F(DirectCrashTest, KilledWhileItIsCancelledItSendsNoMore) {
    bench.drop("articles", articles(2000));
    live_until_paid(50);
    bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","action":"stall_after","times":-1})");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_event("batch_cancelling"));
    bench.daemon().kill();
    const std::uint64_t paid = direct("paid");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_LE(direct("paid"), paid + kInFlight);  // what was on its way to the server when it was counted
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.summary.at("state").as_string(), "cancelled");
    EXPECT_EQ(job.output.size() + job.errors.size(), 2000U);
}

TEST_F(DirectCrashTest, WithAnotherServerItGoesOnThere) {
    bench.drop("articles", articles(300));
    live_until_paid(50);
    bench.daemon().kill();
    bench.imitate(R"({"base_path":"/other/v1"})");
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(300));
}

}  // namespace
}  // namespace batchd::testing
