#include "engine/watch/overdue.hpp"

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
        EXPECT_FALSE(overdue(batch, std::nullopt, kNow)) << status;
        EXPECT_EQ(overdue(batch, std::nullopt, kNow + 1s),
                  std::string(status) + " though it should have ended by 2026-11-21T18:00:00Z");
    }
}

TEST(OverdueTest, WhereTheProviderNamesNoEndTheWindowDoes) {
    store::Batch batch = in("in_progress", 30h);
    batch.submitted_at = kNow - 30h;
    EXPECT_FALSE(overdue(batch, 24h, kNow));
    EXPECT_EQ(overdue(batch, 24h, kNow + 1s),
              "in_progress though it should have ended by 2026-11-21T18:00:00Z");
    EXPECT_FALSE(overdue(batch, 7 * 24h, kNow + 1s));
    EXPECT_FALSE(overdue(batch, std::nullopt, kNow + 1000h));
    batch.expires_at = kNow + 1h;
    EXPECT_FALSE(overdue(batch, 24h, kNow + 1s)) << "the provider's own word goes first";
}

TEST(OverdueTest, IsABatchThatStandsForLongInAStatusThatShouldBeShort) {
    EXPECT_FALSE(overdue(in("finalizing", 6h), std::nullopt, kNow));
    EXPECT_EQ(overdue(in("finalizing", 7h), std::nullopt, kNow), "finalizing since 2026-11-21T17:00:00Z");
    EXPECT_TRUE(overdue(in("cancelling", 7h), std::nullopt, kNow));
}

TEST(OverdueTest, IsNoBatchThatMerelyRuns) {
    for (const auto* status : {"validating", "in_progress", "dancing"})
        EXPECT_FALSE(overdue(in(status, 1000h), std::nullopt, kNow)) << status;
    EXPECT_FALSE(overdue(store::Batch{}, std::nullopt, kNow));
}

}  // namespace
}  // namespace batchd::engine
