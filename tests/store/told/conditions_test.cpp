#include "store/told/conditions.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

struct ConditionsTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    Conditions& conditions = store->conditions;
    const TimePoint now{1h};
};

TEST_F(ConditionsTest, HoldSinceTheyBeganWithTheNewestText) {
    ASSERT_TRUE(conditions.set({"held", "batch 3", "the address is another one", JobId{7}}, now));
    ASSERT_TRUE(conditions.set({"held", "batch 3", "the key is another one", JobId{7}}, now + 1h));
    const auto all = conditions.all().value();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].text, "the key is another one");
    EXPECT_EQ(all[0].since, now);
    EXPECT_EQ(all[0].job, JobId{7});
}

TEST_F(ConditionsTest, GoWhenTheyAreOverAndWhenAStartFindsOutAnew) {
    ASSERT_TRUE(conditions.set({"held", "batch 3", "a", JobId{7}}, now));
    ASSERT_TRUE(conditions.set({"provider_closed", "https://x", "b"}, now + 1s));
    ASSERT_TRUE(conditions.set({"inbox_gone", "/in", "c"}, now + 2s));
    EXPECT_EQ(conditions.of_job(JobId{7}).value().size(), 1U);
    ASSERT_TRUE(conditions.clear("inbox_gone", "/in"));
    EXPECT_EQ(conditions.all().value().size(), 2U);
    ASSERT_TRUE(conditions.clear_all_but("held"));
    const auto left = conditions.all().value();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0].kind, "held");
}

}  // namespace
}  // namespace batchd::store
