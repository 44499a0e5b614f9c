// "Not found" for what is there: from something before the provider, for a time, or under another key or
// address.
#include <csignal>
#include <fstream>

#include "sim/backend.hpp"
#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

class NotFoundTest : public LyingTest {
protected:
    /// `count` jobs of 5 rows whose batches have run for hours.
    void start_with_old_batches(unsigned count) {
        manner(R"({"in_progress":36000})");
        bench.provider().advance_clock(-4h);
        for (unsigned i = 1; i <= count; ++i) bench.drop("job-" + std::to_string(i), rows(5));
        bench.start();
        ASSERT_TRUE(wait_for_phase("watching", count));
        EXPECT_EQ(bench.stop(), 0);
        OpenWriter writer(bench.state() / "batchd.db");
        writer.execute("UPDATE batches SET submitted_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-4 hours')");
        writer.commit();
        bench.start();
        ASSERT_TRUE(
            bench.wait_until([&] { return bench.database().count("events WHERE kind = 'started'") == 2; }));
    }
    void let_batches_end() { bench.provider().advance_clock(15h); }
    void expect_all_answered(unsigned count) {
        ASSERT_TRUE(bench.wait_for_jobs(count));
        for (unsigned i = 1; i <= count; ++i) expect_answered("job-" + std::to_string(i), 5);
        EXPECT_EQ(creates(), count);
    }
    /// Until it is said, or until jobs were given up.
    bool wait_until_said() {
        return bench.wait_until(
            [&] { return is_said() || bench.database().count("jobs WHERE finished_at IS NOT NULL") > 0; });
    }
    void use_key(const std::string& key) {
        std::ofstream(bench.key_file()) << key << "\n";
        bench.daemon().send(SIGHUP);
    }
};

TEST_F(NotFoundTest, APageOfALoadBalancerInPlaceOfAnswersIsAskedAgain) {
    fault(R"({"route":"GET /v1/files/*/content","action":"status","status":404,"body":"<html>404</html>"})");
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(NotFoundTest, AFileThatIsNotFoundInTheProvidersWordsOnceIsAskedAgain) {
    fault(R"({"route":"GET /v1/files/*/content","action":"status","status":404})");
    run_one_job(10);
    expect_answered("in", 10);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(NotFoundTest, PagesOfALoadBalancerInPlaceOfABatchProveNothing) {
    start_with_old_batches(1);
    fault(
        R"({"route":"GET /v1/batches/*","action":"status","status":404,"times":6,"body":"<html>404</html>"})");
    let_batches_end();
    expect_all_answered(1);
}

TEST_F(NotFoundTest, SecondsOfNotFoundInTheProvidersWordsProveNothing) {
    start_with_old_batches(1);
    fault(R"({"route":"GET /v1/batches/*","action":"status","status":404,"times":6})");
    let_batches_end();
    expect_all_answered(1);
}

TEST_F(NotFoundTest, TheKeyOfAnotherProjectHoldsAndTheRightOneGoesOn) {
    bench.provider().add_key("sk-practice-of-another-project", "other");
    start_with_old_batches(4);
    use_key("sk-practice-of-another-project");
    ASSERT_TRUE(wait_until_said());
    use_key(kApiKey);
    let_batches_end();
    expect_all_answered(4);
}

TEST_F(NotFoundTest, TheKeyOfAnotherProjectAtAStartHoldsAsWell) {
    bench.provider().add_key("sk-practice-of-another-project", "other");
    start_with_old_batches(4);
    EXPECT_EQ(bench.stop(), 0);
    std::ofstream(bench.key_file()) << "sk-practice-of-another-project\n";
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'started'") == 3; }));
    ASSERT_TRUE(wait_until_said());
    use_key(kApiKey);
    let_batches_end();
    expect_all_answered(4);
}

TEST_F(NotFoundTest, AnotherAddressHoldsAndTheRightOneGoesOn) {
    start_with_old_batches(4);
    EXPECT_EQ(bench.stop(), 0);
    sim::Server elsewhere({.data = bench.root() / "elsewhere", .key = kApiKey});
    bench.set("provider.base_url", "\"" + elsewhere.base_url() + "\"");
    bench.start();
    ASSERT_TRUE(wait_until_said());
    EXPECT_EQ(bench.stop(), 0);
    bench.set("provider.base_url", "\"" + bench.provider().base_url() + "\"");
    bench.start();
    let_batches_end();
    expect_all_answered(4);
    elsewhere.with([](sim::Backend& backend) { EXPECT_TRUE(backend.batches.all().empty()); });
}

TEST_F(NotFoundTest, WhereEverythingIsMissingAtOnceNothingIsGivenUp) {
    start_with_old_batches(3);
    fault(R"({"route":["GET /v1/batches/*","GET /v1/batches"],"action":"status","status":404,"times":-1})");
    ASSERT_TRUE(bench.wait_until([&] {
        return is_said() || bench.requests_to("GET /v1/batches/*") >= 24 ||
               bench.database().count("jobs WHERE finished_at IS NOT NULL") > 0;
    }));
    EXPECT_EQ(bench.database().count("jobs WHERE finished_at IS NOT NULL"), 0U);
    bench.provider().clear_faults();
    let_batches_end();
    expect_all_answered(3);
}

}  // namespace
}  // namespace batchd::testing
