#include "engine/prepare/shard_splitter.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

constexpr std::string_view kChat = "/v1/chat/completions";
constexpr std::string_view kEmbeddings = "/v1/embeddings";

struct ShardSplitterTest : ::testing::Test {
    /// The shards that these portions come to, by number.
    static std::vector<Shard> split(const ShardLimits& limits, const std::vector<Portion>& portions) {
        ShardSplitter splitter(limits);
        std::vector<Shard> shards;
        for (const Portion& portion : portions)
            for (Shard& shard : splitter.place(portion).closed) shards.push_back(std::move(shard));
        for (Shard& shard : splitter.finish()) shards.push_back(std::move(shard));
        std::sort(shards.begin(), shards.end(),
                  [](const Shard& a, const Shard& b) { return a.number < b.number; });
        return shards;
    }
    static std::vector<std::uint64_t> requests(const std::vector<Shard>& shards) {
        std::vector<std::uint64_t> result;
        for (const Shard& shard : shards) result.push_back(shard.requests);
        return result;
    }
    static std::vector<Portion> same(std::size_t count, const Portion& portion) {
        return std::vector<Portion>(count, portion);
    }
    using Counts = std::vector<std::uint64_t>;
};

TEST_F(ShardSplitterTest, ANothingIsNoShard) {
    EXPECT_TRUE(split({}, {}).empty());
}

TEST_F(ShardSplitterTest, CountsTheInputsOfEmbeddingsUnderAnyVersion) {
    const ShardLimits limits{.embedding_inputs = 10};
    const Portion list{.endpoint = "/v4/embeddings", .model = "m", .size_bytes = 1, .inputs = 6};
    EXPECT_EQ(requests(split(limits, same(2, list))), (Counts{1, 1}));
}

TEST_F(ShardSplitterTest, BeginsANewShardAboveTheMostRequests) {
    const ShardLimits limits{.requests = 3};
    const Portion one{.endpoint = kChat, .model = "m", .size_bytes = 1};
    EXPECT_EQ(requests(split(limits, same(2, one))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, same(3, one))), (Counts{3}));
    EXPECT_EQ(requests(split(limits, same(4, one))), (Counts{3, 1}));
}

TEST_F(ShardSplitterTest, BeginsANewShardAboveTheMostBytes) {
    const ShardLimits limits{.size_bytes = 100};
    const Portion half{.endpoint = kChat, .model = "m", .size_bytes = 50};
    const auto with = [&](std::uint64_t size_bytes) {
        return std::vector<Portion>{half, {.endpoint = kChat, .model = "m", .size_bytes = size_bytes}};
    };
    EXPECT_EQ(requests(split(limits, with(49))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with(50))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with(51))), (Counts{1, 1}));
}

TEST_F(ShardSplitterTest, BeginsANewShardAboveTheMostEmbeddingInputs) {
    const ShardLimits limits{.embedding_inputs = 10};
    const auto with = [](std::string_view endpoint, std::uint64_t inputs) {
        const Portion first{.endpoint = endpoint, .model = "m", .inputs = 5};
        return std::vector<Portion>{first, {.endpoint = endpoint, .model = "m", .inputs = inputs}};
    };
    EXPECT_EQ(requests(split(limits, with(kEmbeddings, 4))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with(kEmbeddings, 5))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with(kEmbeddings, 6))), (Counts{1, 1}));
    EXPECT_EQ(requests(split(limits, with(kChat, 1000))), (Counts{2})) << "a rule for embeddings only";
}

TEST_F(ShardSplitterTest, BeginsANewShardAboveTheModelsTokens) {
    const ShardLimits limits{.tokens = {{"m", 100}}};
    const auto with = [](std::string_view model, std::uint64_t tokens) {
        const Portion first{.endpoint = kChat, .model = model, .estimated_tokens = 60};
        return std::vector<Portion>{first, {.endpoint = kChat, .model = model, .estimated_tokens = tokens}};
    };
    EXPECT_EQ(requests(split(limits, with("m", 39))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with("m", 40))), (Counts{2}));
    EXPECT_EQ(requests(split(limits, with("m", 41))), (Counts{1, 1}));
    EXPECT_EQ(requests(split(limits, with("free", 1000))), (Counts{2}));
}

TEST_F(ShardSplitterTest, GivesARequestAboveALimitAShardOfItsOwn) {
    const ShardLimits limits{.size_bytes = 100};
    const auto shards = split(limits, {{.endpoint = kChat, .model = "m", .size_bytes = 10},
                                       {.endpoint = kChat, .model = "m", .size_bytes = 500},
                                       {.endpoint = kChat, .model = "m", .size_bytes = 10}});
    EXPECT_EQ(requests(shards), (Counts{1, 1, 1}));
    EXPECT_EQ(shards[1].size_bytes, 500U);
}

TEST_F(ShardSplitterTest, KeepsEndpointsAndModelsApartHoweverTheyAreMixed) {
    std::vector<Portion> mixed;
    for (int i = 0; i < 5; ++i)
        for (const auto endpoint : {kChat, kEmbeddings})
            for (const auto* model : {"m", "n"})
                mixed.push_back({.endpoint = endpoint, .model = model, .size_bytes = 1});
    const auto shards = split({}, mixed);
    EXPECT_EQ(requests(shards), (Counts{5, 5, 5, 5}));
    EXPECT_EQ(shards[0].endpoint, kChat);
    EXPECT_EQ(shards[0].model, "m");
    EXPECT_EQ(shards[3].endpoint, kEmbeddings);
    EXPECT_EQ(shards[3].model, "n");
}

TEST_F(ShardSplitterTest, ClosesTheOldestWhenTooManyGrowAtOnce) {
    ShardSplitter splitter({.open_max = 2});
    EXPECT_TRUE(splitter.place({.endpoint = kChat, .model = "a"}).closed.empty());
    EXPECT_TRUE(splitter.place({.endpoint = kChat, .model = "b"}).closed.empty());
    const auto third = splitter.place({.endpoint = kChat, .model = "c"});
    ASSERT_EQ(third.closed.size(), 1U);
    EXPECT_EQ(third.closed[0].model, "a");
    EXPECT_EQ(third.shard->number, 3U);
    const auto again = splitter.place({.endpoint = kChat, .model = "a"});
    ASSERT_EQ(again.closed.size(), 1U);
    EXPECT_EQ(again.closed[0].model, "b");
    EXPECT_EQ(again.shard->number, 4U);
    EXPECT_EQ(requests(splitter.finish()), (Counts{1, 1}));
}

TEST_F(ShardSplitterTest, AddsUpWhatAShardHolds) {
    const auto shards = split(
        {},
        same(3,
             {.endpoint = kEmbeddings, .model = "m", .size_bytes = 7, .inputs = 2, .estimated_tokens = 5}));
    ASSERT_EQ(shards.size(), 1U);
    EXPECT_EQ(shards[0].number, 1U);
    EXPECT_EQ(shards[0].size_bytes, 21U);
    EXPECT_EQ(shards[0].embedding_inputs, 6U);
    EXPECT_EQ(shards[0].estimated_tokens, 15U);
}

}  // namespace
}  // namespace batchd::engine
