#include "engine/look/lookup.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

const TimePoint kIntent = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

struct LookAtFileTest : ::testing::Test {
    FileMark mark{
        .filename = "batchd-k.jsonl", .size_bytes = 10, .not_before = kIntent - std::chrono::minutes(15)};
    std::optional<provider::FileObject> found;

    Visit look(const std::string& name, std::uint64_t size_bytes, TimePoint created_at) {
        return look_at_file(
            mark, {.id = "f", .filename = name, .size_bytes = size_bytes, .created_at = created_at}, found);
    }
};

TEST_F(LookAtFileTest, FindsTheFileOfOurNameAndSize) {
    EXPECT_EQ(look("batchd-k.jsonl", 10, kIntent), Visit::enough);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, "f");
}

TEST_F(LookAtFileTest, PassesOverAnotherNameOrSize) {
    EXPECT_EQ(look("batchd-other.jsonl", 10, kIntent), Visit::go_on);
    EXPECT_EQ(look("batchd-k.jsonl", 9, kIntent), Visit::go_on);
    EXPECT_EQ(look("batchd-k.jsonl", 11, kIntent), Visit::go_on);
    EXPECT_FALSE(found);
}

TEST_F(LookAtFileTest, EndsAtFilesFromBeforeTheAttempt) {
    EXPECT_EQ(look("x", 1, kIntent - 15min), Visit::go_on);
    EXPECT_EQ(look("x", 1, kIntent - 15min - 1ms), Visit::enough);
    EXPECT_FALSE(found);
}

TEST_F(LookAtFileTest, GoesOnBehindAFileWithoutATime) {
    EXPECT_EQ(look("x", 1, TimePoint{}), Visit::go_on);
}

TEST(BatchSearchTest, AdoptsTheOneThatIsFurthestAlongAndOfEqualsTheOneThatWasMadeFirst) {
    using S = provider::BatchStatus;
    BatchSearch search;
    const auto add = [&](const std::string& id, S status) {
        provider::BatchObject& made = search.found.emplace_back();
        made.id = id;
        made.status = status;
    };
    add("newest", S::validating);
    add("completed", S::completed);
    add("running", S::in_progress);
    add("cancelled", S::cancelled);
    add("first", S::validating);
    for (const char* next : {"completed", "running", "first", "newest", "cancelled"})
        EXPECT_EQ(search.take_furthest().id, next);
    EXPECT_TRUE(search.ids().empty());
}

TEST(NoListingTest, IsSaidByARefusalAndNotByAFailure) {
    using K = provider::FailureKind;
    for (const K kind : {K::unsupported, K::refused})
        EXPECT_TRUE(says_that_there_is_no_listing({.kind = kind})) << to_string(kind);
    for (const K kind :
         {K::unavailable, K::not_found, K::unreachable, K::rate_limited, K::unauthorized, K::local})
        EXPECT_FALSE(says_that_there_is_no_listing({.kind = kind})) << to_string(kind);
}

}  // namespace
}  // namespace batchd::engine
