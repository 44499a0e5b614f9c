// One batch that can't be asked for or fetched, and others that can.
#include <boost/json/value.hpp>

#include "system/lying_test.hpp"

namespace batchd::testing {
namespace {

class StarvingTest : public LyingTableTest {};

TEST_P(StarvingTest, ABatchThatCanNotBeAskedForHoldsUpNoOther) {
    manner(R"({"in_progress":1})");
    make(GetParam());
    for (int job = 1; job <= 6; ++job) bench.drop("job-" + std::to_string(job), rows(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(5));
    EXPECT_TRUE(is_said() || bench.database().has_event("waiting"));
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(6));
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'done'"), 6U);
    EXPECT_EQ(creates(), 6U);
}

std::string bad_batch(int number, const std::string& action) {
    return R"({"route":"GET /v1/batches/*","times":-1,"batch":)" + std::to_string(number) + "," + action +
           "}";
}

const char* const kError = R"("action":"status","status":500)";
const char* const kHalf = R"("action":"half")";
const char* const kNoList = R"({"route":"GET /v1/batches","action":"status","status":404,"times":-1})";

INSTANTIATE_TEST_SUITE_P(
    EachBatch, StarvingTest,
    ::testing::Values(
        Trouble{.name = "TheFirstAnswersWithAnError", .faults = {kNoList, bad_batch(1, kError)}},
        Trouble{.name = "TheThirdAnswersWithAnError", .faults = {kNoList, bad_batch(3, kError)}},
        Trouble{.name = "TheLastAnswersWithAnError", .faults = {kNoList, bad_batch(6, kError)}},
        Trouble{.name = "TheFirstAnswersHalf", .faults = {kNoList, bad_batch(1, kHalf)}},
        Trouble{.name = "TheLastAnswersHalf", .faults = {kNoList, bad_batch(6, kHalf)}}),
    name_of);

class StarvingPairTest : public LyingTableTest {};

TEST_P(StarvingPairTest, OfTwoTheHealthyOneIsDelivered) {
    manner(R"({"in_progress":1})");
    make(GetParam());
    for (const char* name : {"job-1", "job-2"}) bench.drop(name, rows(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'done'"), 1U);
    bench.provider().clear_faults();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(creates(), 2U);
}

INSTANTIATE_TEST_SUITE_P(EachOfTwo, StarvingPairTest,
                         ::testing::Values(Trouble{.name = "TheFirstIsBad", .faults = {bad_batch(1, kError)}},
                                           Trouble{.name = "TheSecondIsBad",
                                                   .faults = {bad_batch(2, kError)}}),
                         name_of);

class SlowDownloadsTest : public LyingTest {};

TEST_F(SlowDownloadsTest, HoldUpNeitherTheNextBatchNorACancel) {
    bench.set("provider.max_connections", "2");
    fault(R"({"route":"GET /v1/files/*/content","action":"trickle","bytes":20,"times":-1})");
    for (int job = 1; job <= 3; ++job) bench.drop("job-" + std::to_string(job), rows(200));
    bench.start();
    ASSERT_TRUE(wait_for_phase("ended", 3));
    bench.drop("job-4", rows(200));
    ASSERT_TRUE(wait_for_phase("ended", 4));
    for (int job = 4; job >= 1; --job) expect_that_cancel_ends(job, static_cast<std::size_t>(5 - job));
}

}  // namespace
}  // namespace batchd::testing
