#include "engine/overdue.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

store::Batch in(const std::string& status, Millis since) {
    store::Batch batch;
    batch.status = status;
    batch.status_since = kNow - since;
    return batch;
}

TEST(OverdueTest, IsABatchSixHoursPastItsExpiryWhateverItsStatus) {
    for (const auto* status : {"validating", "in_progress", "finalizing", "dancing"}) {
        store::Batch batch = in(status, 1h);
        batch.expires_at = kNow - 6h;
        EXPECT_FALSE(overdue(batch, kNow)) << status;
        EXPECT_EQ(overdue(batch, kNow + 1s),
                  std::string(status) + " though it should have ended by 2026-11-21T18:00:00Z");
    }
}

TEST(OverdueTest, IsABatchThatStandsForLongInAStatusThatShouldBeShort) {
    EXPECT_FALSE(overdue(in("finalizing", 6h), kNow));
    EXPECT_EQ(overdue(in("finalizing", 7h), kNow), "finalizing since 2026-11-21T17:00:00Z");
    EXPECT_TRUE(overdue(in("cancelling", 7h), kNow));
}

TEST(OverdueTest, IsNoBatchThatMerelyRuns) {
    for (const auto* status : {"validating", "in_progress", "dancing"})
        EXPECT_FALSE(overdue(in(status, 1000h), kNow)) << status;
    EXPECT_FALSE(overdue(store::Batch{}, kNow));
}

}  // namespace
}  // namespace batchd::engine
