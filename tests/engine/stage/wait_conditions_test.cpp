#include "engine/stage/wait_conditions.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kThisMoment = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
const RowWord kBatches{"batch", "batches",
                       [](std::int64_t id) { return std::optional(store::JobId{id * 10}); }};

TEST(WaitConditionsTest, AreOneForEachReasonWithHowManyRowsWaitForIt) {
    const Waits waits{{"no room", {.rows = {7, 8, 9}, .since = 40s}},
                      {"disk full", {.rows = {3}, .since = 90s}}};
    const auto conditions = conditions_of(kBatches, waits, kThisMoment, 100s);
    ASSERT_EQ(conditions.size(), 2U);
    EXPECT_EQ(conditions[0].kind, "waiting");
    EXPECT_EQ(conditions[0].about, "batch 7");
    EXPECT_EQ(conditions[0].text, "no room (3 batches)");
    EXPECT_EQ(conditions[0].job, store::JobId{70});
    EXPECT_EQ(conditions[0].since, kThisMoment - 60s);
    EXPECT_EQ(conditions[1].text, "disk full");
    EXPECT_EQ(conditions[1].since, kThisMoment - 10s);
}

TEST(WaitConditionsTest, OfManyReasonsThoseThatHoldUpTheMostAreTold) {
    Waits waits;
    for (std::int64_t id = 1; id <= 100; ++id) waits["reason " + std::to_string(id)].rows = {id};
    waits["zzz"].rows = {200, 201};
    const auto conditions = conditions_of(kBatches, waits, kThisMoment, 100s);
    EXPECT_EQ(conditions.size(), 20U);
    EXPECT_EQ(conditions.front().text, "zzz (2 batches)");
}

}  // namespace
}  // namespace batchd::engine
