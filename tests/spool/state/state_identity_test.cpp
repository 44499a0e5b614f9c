#include "spool/state/state_identity.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using namespace std::chrono_literals;
using testing::TempDir;

TEST(StateIdentityTest, IsMadeOnceAndStays) {
    const TempDir dir;
    const Path file = dir.path() / "identity";
    EXPECT_FALSE(read_state_identity(file));
    const StateIdentity made = read_or_make_state_identity(file, TimePoint(1000s)).value();
    const StateIdentity again = read_or_make_state_identity(file, TimePoint(2000s)).value();
    EXPECT_EQ(again.id, made.id);
    EXPECT_EQ(again.made_at, TimePoint(1000s));
    EXPECT_EQ(read_state_identity(file)->id, made.id);
}

TEST(StateIdentityTest, TwoAreNeverTheSame) {
    const TempDir one, other;
    EXPECT_NE(read_or_make_state_identity(one.path() / "identity", TimePoint(1s)).value().id,
              read_or_make_state_identity(other.path() / "identity", TimePoint(1s)).value().id);
}

TEST(StateIdentityTest, WhatNobodyWroteIsNone) {
    const TempDir dir;
    for (const char* content : {"", "\n", "3f1c", "no-key 2026-11-28T10:00:00Z\n",
                                "3f0c5a52-6a3e-4c1b-9d0e-2f6f3b8c9a10 yesterday\n"}) {
        const Path file = dir.write("identity", content);
        EXPECT_FALSE(read_state_identity(file)) << content;
        EXPECT_EQ(read_or_make_state_identity(file, TimePoint(5s)).value().made_at, TimePoint(5s));
    }
}

}  // namespace
}  // namespace batchd::spool
