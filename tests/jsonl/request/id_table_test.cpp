#include "jsonl/request/id_table.hpp"

#include <string>

#include <gtest/gtest.h>

namespace batchd::jsonl {
namespace {

TEST(IdTableTest, KeepsTheFirstValueOfAnId) {
    IdTable table;
    EXPECT_EQ(table.insert(digest128("a"), 7), std::nullopt);
    EXPECT_EQ(table.insert(digest128("a"), 8), 7U);
    EXPECT_EQ(table.find(digest128("a")), 7U);
    EXPECT_EQ(table.find(digest128("b")), std::nullopt);
    EXPECT_EQ(table.size(), 1U);
}

TEST(IdTableTest, FindsEveryEntryAfterItHasGrown) {
    IdTable table;
    for (std::uint64_t i = 0; i < 20'000; ++i)
        ASSERT_EQ(table.insert(digest128(std::to_string(i)), i), std::nullopt);
    for (std::uint64_t i = 0; i < 20'000; ++i) ASSERT_EQ(table.find(digest128(std::to_string(i))), i);
    EXPECT_EQ(table.find(digest128("20000")), std::nullopt);
}

TEST(IdTableTest, TellsIdsApartThatShareASlot) {
    IdTable table;
    table.insert({1, 1}, 10);
    table.insert({1, 2}, 20);
    table.insert({0, 0}, 0);  // all zero is a digest like any other
    EXPECT_EQ(table.find({1, 1}), 10U);
    EXPECT_EQ(table.find({1, 2}), 20U);
    EXPECT_EQ(table.find({0, 0}), 0U);
    EXPECT_EQ(table.find({0, 1}), std::nullopt);
}

}  // namespace
}  // namespace batchd::jsonl
