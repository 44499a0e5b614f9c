#include "provider/direct/pace/concurrency.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

using End = Concurrency::End;

/// Starts all that may start, and gives their tickets.
std::vector<Concurrency::Ticket> fill(Concurrency& concurrency) {
    std::vector<Concurrency::Ticket> tickets;
    while (concurrency.has_room()) tickets.push_back(concurrency.start());
    return tickets;
}

void round_trip(Concurrency& concurrency, End how) {
    for (const auto ticket : fill(concurrency)) concurrency.end(ticket, how);
}

TEST(ConcurrencyTest, DoublesWithEachRoundTripUntilTheCeiling) {
    Concurrency concurrency(64);
    const unsigned first = concurrency.limit();
    std::vector<Concurrency::Ticket> under_way = fill(concurrency);
    for (unsigned limit = first; limit < 64; limit *= 2) {
        std::vector<Concurrency::Ticket> next;
        for (const auto ticket : under_way) {
            concurrency.end(ticket, End::answered);
            for (const auto started : fill(concurrency)) next.push_back(started);
        }
        EXPECT_EQ(concurrency.limit(), 2 * limit);
        under_way = std::move(next);
    }
    for (int i = 0; i < 10; ++i) round_trip(concurrency, End::answered);
    EXPECT_EQ(concurrency.limit(), 64U);
}

TEST(ConcurrencyTest, NeverGoesBeyondACeilingOfOne) {
    Concurrency concurrency(1);
    for (int i = 0; i < 5; ++i) round_trip(concurrency, End::answered);
    EXPECT_EQ(concurrency.limit(), 1U);
}

TEST(ConcurrencyTest, ABurstThatIsRefusedCutsOnce) {
    Concurrency concurrency(64);
    for (int i = 0; i < 10; ++i) round_trip(concurrency, End::answered);
    int cuts = 0;
    for (const auto ticket : fill(concurrency)) cuts += concurrency.end(ticket, End::refused) ? 1 : 0;
    EXPECT_EQ(cuts, 1);
    EXPECT_EQ(concurrency.limit(), 56U) << "seven eighths of the 63 that it held, rounded up";
}

TEST(ConcurrencyTest, ATimeoutHalves) {
    Concurrency concurrency(64);
    for (int i = 0; i < 10; ++i) round_trip(concurrency, End::answered);
    round_trip(concurrency, End::overloaded);
    EXPECT_EQ(concurrency.limit(), 32U);
}

TEST(ConcurrencyTest, AServerThatFailsWithEverythingIsSentOneAtATime) {
    Concurrency concurrency(64);
    for (int i = 0; i < 10; ++i) round_trip(concurrency, End::answered);
    round_trip(concurrency, End::failing);
    EXPECT_EQ(concurrency.limit(), 1U);
    for (int i = 0; i < 12; ++i) round_trip(concurrency, End::answered);
    EXPECT_GE(concurrency.limit(), 48U) << "soon after it is back";
}

TEST(ConcurrencyTest, NeverFallsBelowOne) {
    for (const End how : {End::refused, End::overloaded, End::failing}) {
        Concurrency concurrency(64);
        for (int i = 0; i < 100; ++i) round_trip(concurrency, how);
        EXPECT_EQ(concurrency.limit(), 1U);
        EXPECT_TRUE(concurrency.has_room());
    }
}

TEST(ConcurrencyTest, WhatSaysNothingChangesNothing) {
    Concurrency concurrency(64);
    const unsigned before = concurrency.limit();
    for (int i = 0; i < 10; ++i) round_trip(concurrency, End::other);
    EXPECT_EQ(concurrency.limit(), before);
    EXPECT_EQ(concurrency.in_flight(), 0U);
}

TEST(ConcurrencyTest, ALimitThatNobodyReachesDoesNotGrow) {
    Concurrency concurrency(64);
    round_trip(concurrency, End::answered);
    const unsigned before = concurrency.limit();
    for (int i = 0; i < 100; ++i) concurrency.end(concurrency.start(), End::answered);
    EXPECT_EQ(concurrency.limit(), before);
}

}  // namespace
}  // namespace batchd::provider::direct
