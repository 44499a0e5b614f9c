#include "engine/attempt_key.hpp"

#include <set>

#include <gtest/gtest.h>

#include "base/uuid.hpp"

namespace batchd::engine {
namespace {

constexpr std::string_view kJob = "00000000-0000-4000-8000-000000000001";
constexpr std::string_view kOtherJob = "00000000-0000-4000-8000-000000000002";

TEST(AttemptKeyTest, IsTheSameForTheSameAttemptAndDiffersForEveryOther) {
    EXPECT_EQ(attempt_key(kJob, {1, 1}), attempt_key(kJob, {1, 1}));
    const std::set<std::string> keys{attempt_key(kJob, {1, 1}),  attempt_key(kJob, {1, 2}),
                                     attempt_key(kJob, {2, 1}),  attempt_key(kJob, {11, 1}),
                                     attempt_key(kJob, {1, 11}), attempt_key(kOtherJob, {1, 1})};
    EXPECT_EQ(keys.size(), 6U);
}

TEST(AttemptKeyTest, HasTheFormOfAUuidOfVersionEight) {
    const std::string key = attempt_key(kJob, {1, 1});
    EXPECT_TRUE(spool::is_job_key(key)) << key;
    EXPECT_EQ(key[14], '8');
    EXPECT_EQ(key[19], 'a');
}

TEST(AttemptKeyTest, KeysThatAreMadeAreToldFromRandomOnes) {
    for (const std::string& made : {attempt_key(kJob, {0, 0}), retry_key(kJob, 1), BundleKey().get(1)})
        EXPECT_TRUE(is_made_key(made)) << made;
    EXPECT_FALSE(is_made_key(random_key()));
    EXPECT_FALSE(is_made_key(""));
}

}  // namespace
}  // namespace batchd::engine
