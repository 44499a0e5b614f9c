#include <cstdint>

#include <gtest/gtest.h>

#include "base/scope/counted.hpp"
#include "base/scope/pointing.hpp"

namespace batchd {
namespace {

TEST(CountedTest, CountsForAsLongAsItLives) {
    std::uint64_t count = 1;
    {
        const Counted one(count), other(count);
        EXPECT_EQ(count, 3U);
    }
    EXPECT_EQ(count, 1U);
}

TEST(PointingTest, PointsForAsLongAsItLives) {
    int there = 7;
    int* pointer = nullptr;
    {
        const Pointing pointing(pointer, there);
        EXPECT_EQ(pointer, &there);
    }
    EXPECT_EQ(pointer, nullptr);
}

}  // namespace
}  // namespace batchd
