// States that used to have no end but by hand.
#include <fstream>

#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

const char* const kLostCreate = R"({"route":"POST /v1/batches","action":"reset_after"})";

/// A create in doubt where batches can't be listed.
class NoListingTest : public LyingTableTest {};

TEST_P(NoListingTest, IsHeldOrMadeAgainOnceAndCancelEndsIt) {
    bench.excuse_provider_hiding_batches();
    manner(R"({"in_progress":3600})");
    make(GetParam());
    fault(kLostCreate);
    bench.drop("in", rows(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_held() || creates() == 2; }));
    expect_that_cancel_ends(1);
    EXPECT_LE(creates(), 2U);
}

INSTANTIATE_TEST_SUITE_P(
    EachRefusal, NoListingTest,
    ::testing::Values(
        Trouble{.name = "NotFound",
                .faults = {R"({"route":"GET /v1/batches","action":"status","status":404,"times":-1})"}},
        Trouble{.name = "NotAllowed",
                .faults = {R"({"route":"GET /v1/batches","action":"status","status":405,"times":-1})"}},
        Trouble{.name = "NotImplemented",
                .faults = {R"({"route":"GET /v1/batches","action":"status","status":501,"times":-1})"}}),
    name_of);

class WayOutTest : public LyingTest {};

TEST_F(WayOutTest, HugeFailedBatchesOfOthersAreReadPastOrHeldAndCancelEndsIt) {
    bench.provider().plant_batches(
        R"({"count":2,"first":true,"errors_bytes":10000000,"set":{"status":"failed"}})");
    fault(kLostCreate);
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(wait_until_held_or_ended(1));
    if (is_held()) expect_that_cancel_ends(1);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(WayOutTest, OurOwnFailedBatchMayBeHuge) {
    manner(R"({"fail_batch":[1],"fail_errors":[{"code":"invalid_value","message":"no","line":1}]})");
    lie(R"({"about":"batch","in":["get","list"],"times":-1,"when":{"status":"failed"},"fill":"errors.data",)"
        R"("item":{"code":"invalid_value","message":"Wrong.","line":1},"bytes":17000000})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(bench.wait_until(
        [&] { return is_said() || bench.database().count("jobs WHERE finished_at IS NOT NULL") > 0; }));
    expect_that_cancel_ends(1);
    EXPECT_EQ(bench.database().count("jobs WHERE finished_at IS NULL"), 0U);
}

TEST_F(WayOutTest, AStatusThatNobodyKnowsIsEndedByACancelWithTheAnswers) {
    manner(R"({"in_progress":1})");
    lie(R"({"about":"batch","when":{"status":"completed"},"times":-1,"set":{"status":"terminated"}})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("batches WHERE status = 'terminated'") > 0; }));
    expect_that_cancel_ends(1);
    EXPECT_EQ(bench.published("in").output_ids(), row_ids(3));
    EXPECT_EQ(creates(), 1U);
}

TEST_F(WayOutTest, AnUploadIsFreeAndMadeAgainWhereFilesCanNotBeListed) {
    bench.excuse_uploads_left();
    fault(R"({"route":"POST /v1/files","action":"reset_after"})");
    fault(R"({"route":"GET /v1/files","action":"status","status":404,"times":-1})");
    run_one_job(3);
    expect_answered("in", 3);
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 2U);
    EXPECT_EQ(creates(), 1U);
}

TEST_F(WayOutTest, AnUploadThatShowsUpLaterIsDeleted) {
    fault(R"({"route":"POST /v1/files","action":"reset_after"})");
    fault(R"({"route":"GET /v1/files","action":"status","status":503,"times":4})");
    manner(R"({"in_progress":3})");
    run_one_job(3);
    expect_answered("in", 3);
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("unused_files") == 0; }));
}

TEST_F(WayOutTest, ACancelThatNeverEndsAtTheProviderEndsHere) {
    manner(R"({"in_progress":3600,"cancelling":1000000})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    expect_that_cancel_ends(1);
    EXPECT_EQ(bench.job_state("in"), "cancelled");
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(3));
    EXPECT_EQ(bench.database().value("SELECT outcome FROM batches"), "unanswered_cancel");
}

TEST_F(WayOutTest, ACancelThatIsRefusedForEverEndsHere) {
    manner(R"({"in_progress":1000000,"window_ends":false,"cancel_refused":["in_progress","validating"]})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    expect_that_cancel_ends(1);
    EXPECT_EQ(bench.published("in").error_ids(), row_ids(3));
}

TEST_F(WayOutTest, ABatchWithoutADeadlineIsOverdueByItsWindow) {
    manner(R"({"in_progress":1000000,"window_ends":false})");
    lie(R"({"about":"batch","times":-1,"drop":["expires_at"]})");
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(wait_for_phase("watching"));
    EXPECT_EQ(bench.stop(), 0);
    OpenWriter writer(bench.state() / "batchd.db");
    writer.execute("UPDATE batches SET submitted_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-3 days')");
    writer.commit();
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_overdue"));
    expect_that_cancel_ends(1);
}

// The sanitizers are built with clang, which tells of them in this way. They keep what was freed.
#ifdef __clang__
constexpr bool kMemoryIsOurOwn = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool kMemoryIsOurOwn = true;
#endif

std::size_t peak_kib(pid_t process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    return 0;
}

TEST_F(WayOutTest, AListingOfSixteenMegabytesOfNothingProvesNothing) {
    manner(R"({"in_progress":3600})");
    // Its size is about the memory, which a sanitizer does not let us measure; there it would only take
    // minutes.
    const std::string bytes = kMemoryIsOurOwn ? "16000000" : "1000000";
    lie(R"({"about":"page","in":["batches"],"times":-1,"fill":"data","item":{},"bytes":)" + bytes + "}");
    fault(kLostCreate);
    bench.drop("in", rows(3));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return is_said(); }));
    EXPECT_EQ(creates(), 1U);
    if (kMemoryIsOurOwn) {
        EXPECT_LE(peak_kib(bench.daemon().pid()), 100U * 1024);
    }
    expect_that_cancel_ends(1);
    EXPECT_EQ(creates(), 1U);
}

}  // namespace
}  // namespace batchd::testing
