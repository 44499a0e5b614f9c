#include "base/disk/sync_round.hpp"

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace batchd {
namespace {

struct SyncRoundTest : ::testing::Test {
    Result<void> sync() {
        return round.sync(
            [this]() -> Result<void> {
                ++owns;
                if (own_fails) return error(Errc::corrupt, "its own");
                return {};
            },
            [this]() -> Result<void> {
                ++alls;
                if (all_fails) return error(Errc::corrupt, "somebody else's");
                return {};
            });
    }
    /// Calls sync() from so many threads while another one is at it; how many were well.
    unsigned sync_meanwhile(unsigned threads) {
        std::latch has_begun(1), may_end(1);
        std::atomic<unsigned> well = 0;
        std::jthread first([&] {
            static_cast<void>(round.sync(
                [&]() -> Result<void> {
                    has_begun.count_down();
                    may_end.wait();
                    return {};
                },
                [this]() -> Result<void> { return ++alls, Result<void>(); }));
        });
        has_begun.wait();
        {
            std::vector<std::jthread> others;
            for (unsigned i = 0; i < threads; ++i)
                others.emplace_back([&] { well += static_cast<bool>(sync()) ? 1U : 0U; });
            while (round.waiting() < threads) std::this_thread::yield();
            EXPECT_EQ(owns + alls, 0U) << "what began before does not cover what came later";
            may_end.count_down();
        }
        return well;
    }

    SyncRound round;
    std::atomic<unsigned> owns = 0, alls = 0;
    bool own_fails = false, all_fails = false;
};

TEST_F(SyncRoundTest, OneAloneSyncsItsOwnAtOnce) {
    EXPECT_TRUE(sync());
    own_fails = true;
    EXPECT_FALSE(sync());
    EXPECT_EQ(owns, 2U);
    EXPECT_EQ(alls, 0U);
}

TEST_F(SyncRoundTest, ThoseWhoComeMeanwhileShareOne) {
    EXPECT_EQ(sync_meanwhile(6), 6U);
    EXPECT_EQ(owns, 0U);
    EXPECT_EQ(alls, 1U);
    EXPECT_TRUE(sync());
    EXPECT_EQ(owns, 1U) << "and then it is as before";
}

TEST_F(SyncRoundTest, AFewSyncTheirOwn) {
    EXPECT_EQ(sync_meanwhile(SyncRound::kTogetherMin - 1), SyncRound::kTogetherMin - 1);
    EXPECT_EQ(owns, SyncRound::kTogetherMin - 1);
    EXPECT_EQ(alls, 0U);
}

TEST_F(SyncRoundTest, AnErrorOfAllIsNobodysUntilItIsKnownWhose) {
    all_fails = true;
    EXPECT_EQ(sync_meanwhile(6), 6U);
    EXPECT_EQ(alls, 1U);
    EXPECT_EQ(owns, 6U);
    own_fails = true;
    owns = alls = 0;
    EXPECT_EQ(sync_meanwhile(6), 0U);
}

TEST_F(SyncRoundTest, EachIsCoveredBySomethingThatBeganAfterIt) {
    std::atomic<unsigned> written = 0, safe = 0;
    const auto make_safe = [&]() -> Result<void> {
        const unsigned seen = written;
        for (unsigned before = safe; before < seen && !safe.compare_exchange_weak(before, seen);) {
        }
        return {};
    };
    std::atomic<unsigned> uncovered = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back([&] {
                for (int k = 0; k < 500; ++k) {
                    const unsigned mine = ++written;
                    if (!round.sync(make_safe, make_safe) || safe < mine) ++uncovered;
                }
            });
    }
    EXPECT_EQ(uncovered, 0U);
}

}  // namespace
}  // namespace batchd
