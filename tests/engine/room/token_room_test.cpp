#include "engine/room/token_room.hpp"

#include <gtest/gtest.h>

namespace batchd::engine {
namespace {

constexpr RoomAsked kTooLarge{
    .requests = 10, .estimated_tokens = 101, .size_bytes = 404, .limit = 100, .refusals_alone = 0};

TEST(TokenRoomTest, ABatchAboveTheLimitIsCutAtOnce) {
    EXPECT_EQ(room_for(kTooLarge), Room::cut);
}

TEST(TokenRoomTest, ABatchWithinTheLimitWaitsForOthers) {
    RoomAsked asked = kTooLarge;
    asked.estimated_tokens = 100;
    EXPECT_EQ(room_for(asked), Room::wait);
}

TEST(TokenRoomTest, WithoutAKnownLimitABatchWaits) {
    RoomAsked asked = kTooLarge;
    asked.limit.reset();
    asked.refusals_alone = 1000;
    EXPECT_EQ(room_for(asked), Room::wait);
}

TEST(TokenRoomTest, ABatchThatTheProviderCountsHigherIsCutAfterAFewRefusals) {
    RoomAsked asked = kTooLarge;
    asked.estimated_tokens = 60;
    asked.refusals_alone = kRefusalsAloneMax - 1;
    EXPECT_EQ(room_for(asked), Room::wait);
    asked.refusals_alone = kRefusalsAloneMax;
    EXPECT_EQ(room_for(asked), Room::cut);
    asked.size_bytes = 100;  // no text has more tokens than bytes: somebody else fills the queue
    EXPECT_EQ(room_for(asked), Room::wait);
}

TEST(TokenRoomTest, ASingleRequestIsGivenUpOnlyWhenItIsAboveTheLimitAndWasRefusedAlone) {
    RoomAsked asked = kTooLarge;
    asked.requests = 1;
    EXPECT_EQ(room_for(asked), Room::wait) << "an estimate is no reason to fail anything";
    asked.refusals_alone = kRefusalsAloneMax;
    EXPECT_EQ(room_for(asked), Room::none);
    asked.estimated_tokens = 100;
    EXPECT_EQ(room_for(asked), Room::wait);
}

TEST(TokenRoomTest, APartFitsTheLimitOrIsHalf) {
    EXPECT_EQ(tokens_of_part(1000, 300), 300U);
    EXPECT_EQ(tokens_of_part(200, 300), 100U);
    EXPECT_EQ(tokens_of_part(1, 300), 1U);
}

std::vector<jsonl::RowRef> rows_of(const std::vector<std::uint64_t>& sizes) {
    std::vector<jsonl::RowRef> rows;
    for (const std::uint64_t size : sizes) {
        jsonl::RowRef row;
        row.size = size - 1;  // the LF is the last byte
        rows.push_back(row);
    }
    return rows;
}

TEST(TokenRoomTest, RowsAreCutIntoPartsThatFit) {
    using Parts = std::vector<std::uint64_t>;
    EXPECT_EQ(cut_rows(rows_of({10, 10, 10, 10, 10}), 20), (Parts{2, 2, 1}));
    EXPECT_EQ(cut_rows(rows_of({10, 10, 10}), 19), (Parts{1, 1, 1}));
    EXPECT_EQ(cut_rows(rows_of({5, 100, 5, 5}), 20), (Parts{1, 1, 2}))
        << "a row that is too large goes alone";
    EXPECT_EQ(cut_rows(rows_of({}), 20), Parts{});
}

}  // namespace
}  // namespace batchd::engine
