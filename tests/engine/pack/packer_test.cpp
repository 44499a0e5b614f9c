#include "engine/pack/packer.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

/// Parts of so many requests each, of jobs of their own; a request has 100 bytes and 10 tokens.
std::vector<store::Sharing> parts(const std::vector<std::uint64_t>& requests) {
    std::vector<store::Sharing> all;
    for (const std::uint64_t count : requests) {
        const auto number = static_cast<std::int64_t>(all.size() + 1);
        all.push_back({.batch = {number},
                       .job = {number},
                       .requests = count,
                       .size_bytes = 100 * count,
                       .estimated_tokens = 10 * count});
    }
    return all;
}

/// "1 2 | 3": the rows of each pack, and "+" behind one that is full.
std::string shape(const std::vector<Pack>& packs) {
    std::string text;
    for (const Pack& pack : packs) {
        if (!text.empty()) text += " | ";
        for (std::size_t i = 0; i < pack.members.size(); ++i)
            text += (i > 0 ? " " : "") + std::to_string(pack.members[i].batch.value);
        if (pack.is_full) text += "+";
    }
    return text;
}

struct Case {
    const char* name;
    std::vector<std::uint64_t> requests;
    PackLimits limits;
    bool is_all;
    const char* packs;
};

TEST(PackerTest, PutsTogetherWhatFitsInTheOrderInWhichItComes) {
    const std::uint64_t bytes_of_3 = 3 * (100 + kIdBytesMax);
    const PackLimits three{.requests = 3};
    const PackLimits bytes{.requests = 100, .size_bytes = bytes_of_3};
    const PackLimits fewer_bytes{.requests = 100, .size_bytes = bytes_of_3 - 1};
    const PackLimits tokens{.requests = 100, .tokens = 30}, fewer_tokens{.requests = 100, .tokens = 29};
    const Case cases[] = {
        {"nothing waits", {}, three, true, ""},
        {"one goes alone", {1}, three, true, "1"},
        {"below the limit", {1, 1}, three, true, "1 2"},
        {"at the limit", {1, 1, 1}, three, true, "1 2 3"},
        {"above the limit", {1, 1, 1, 1}, three, true, "1 2 3+ | 4"},
        {"one that does not fit begins anew", {2, 2, 1}, three, true, "1+ | 2 3"},
        {"one above the limit goes alone", {5, 1}, three, true, "1+ | 2"},
        {"bytes at the limit", {1, 1, 1}, bytes, true, "1 2 3"},
        {"a byte above the limit", {1, 1, 1}, fewer_bytes, true, "1 2+ | 3"},
        {"tokens at the limit", {1, 1, 1}, tokens, true, "1 2 3"},
        {"a token above the limit", {1, 1, 1}, fewer_tokens, true, "1 2+ | 3"},
        {"there is more to be read", {1, 1, 1, 1}, three, false, "1 2 3+"},
        {"there is more, and the first is not full", {1, 1}, three, false, "1 2+"},
    };
    for (const Case& one : cases)
        EXPECT_EQ(shape(pack(parts(one.requests), one.limits, one.is_all)), one.packs) << one.name;
}

TEST(PackerTest, AJobIsInABatchOnce) {
    auto waiting = parts({1, 1, 1});
    waiting[1].job = waiting[0].job;
    EXPECT_EQ(shape(pack(waiting, {}, true)), "1+ | 2 3");
}

TEST(PackPaceTest, SingleFilesGoAtOnceForAsLongAsProvidersTakeSoMany) {
    PackPace pace;
    unsigned at_once = 0;
    for (; pace.wait(true, 1s) == 0ms && at_once < 1000; ++at_once) pace.went(true, 1s);
    EXPECT_GE(at_once, 100U);
    EXPECT_LT(at_once, 1000U);
    EXPECT_EQ(pace.wait(true, 10min), 0ms) << "time makes up for them";
}

TEST(PackPaceTest, WhileMoreComesThePausesGrow) {
    PackPace pace;
    Millis now = 0ms;
    unsigned batches = 0;
    for (; now < 60s; now += 10ms)
        if (pace.wait(false, now) == 0ms) {
            pace.went(false, now);
            ++batches;
        }
    EXPECT_GE(batches, 8U);
    EXPECT_LE(batches, 14U);
    const Millis quiet = now + 30s;
    EXPECT_EQ(pace.wait(false, quiet), 0ms);
    pace.went(false, quiet);
    EXPECT_EQ(pace.wait(false, quiet), 0ms) << "it begins anew";
}

}  // namespace
}  // namespace batchd::engine
