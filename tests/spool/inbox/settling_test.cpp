#include "spool/inbox/settling.hpp"

#include <gtest/gtest.h>

namespace batchd::spool {
namespace {

using namespace std::chrono_literals;
using Kind = InboxEvent::Kind;

constexpr FileId kId{1, 7};
const Candidate kFile{"a.jsonl", kId, {100, 5, 5}};
const Candidate kGrown{"a.jsonl", kId, {200, 6, 6}};
const Candidate kEmpty{"a.jsonl", kId, {0, 5, 5}};

struct SettlingTest : ::testing::Test {
    Settling settling{2s};

    Readiness scan(const Candidate& candidate, Millis now) {
        settling.begin_scan();
        const Readiness readiness = settling.observe(candidate, now);
        settling.end_scan();
        return readiness;
    }
};

TEST_F(SettlingTest, TakesAFileOfUnknownStateWhenItHasStoodStill) {
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(settling.next_look(), 12s);
    EXPECT_EQ(scan(kFile, 11999ms), Readiness::wait);
    EXPECT_EQ(scan(kFile, 12s), Readiness::ready);
}

TEST_F(SettlingTest, StartsAgainWhenTheFileHasMoved) {
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kGrown, 12s), Readiness::wait);
    EXPECT_EQ(settling.next_look(), 14s);
    EXPECT_EQ(scan(kGrown, 14s), Readiness::ready);
}

TEST_F(SettlingTest, StartsAgainWhenTheNameIsAnotherFile) {
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan({"a.jsonl", {1, 8}, kFile.stamp}, 12s), Readiness::wait);
}

TEST_F(SettlingTest, TakesAFileAtOnceThatWasMovedInOrClosed) {
    for (const Kind kind : {Kind::moved_in, Kind::closed}) {
        settling.notice({kind, "a.jsonl"});
        EXPECT_EQ(scan(kFile, 10s), Readiness::ready);
        settling.forget("a.jsonl");
    }
}

TEST_F(SettlingTest, WaitsForTheCloseOfAWriterThatPauses) {
    settling.notice({Kind::created, "a.jsonl"});
    settling.notice({Kind::modified, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 10min), Readiness::wait);
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10min), Readiness::ready);
}

TEST_F(SettlingTest, WaitsForAWriterThatHasWrittenNothingYet) {
    settling.notice({Kind::created, "a.jsonl"});
    EXPECT_EQ(scan(kEmpty, 10s), Readiness::wait);
    EXPECT_EQ(scan(kEmpty, 60s), Readiness::wait);
}

TEST_F(SettlingTest, WaitsAgainWhenAClosedFileIsWrittenTo) {
    settling.notice({Kind::closed, "a.jsonl"});
    settling.notice({Kind::modified, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 60s), Readiness::wait);
}

TEST_F(SettlingTest, TakesALinkedFileWhenItHasStoodStill) {
    settling.notice({Kind::created, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 12s), Readiness::ready);
}

TEST_F(SettlingTest, TakesAFileWhoseCloseNeverCameAfterAnHour) {
    settling.notice({Kind::modified, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(settling.next_look(), 10s + 1h);
    EXPECT_EQ(scan(kFile, 10s + 1h), Readiness::ready);
}

TEST_F(SettlingTest, TrustsNoEarlierEventAfterAnOverflow) {
    settling.notice({Kind::closed, "a.jsonl"});
    settling.notice({Kind::overflow, ""});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 12s), Readiness::ready);
}

TEST_F(SettlingTest, LetsAWriterThatWasSeenBeforeAnOverflowSettle) {
    settling.notice({Kind::modified, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    settling.notice({Kind::overflow, ""});
    EXPECT_EQ(scan(kFile, 20s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 22s), Readiness::ready);
}

TEST_F(SettlingTest, ForgetsFilesThatVanish) {
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    settling.begin_scan();
    settling.end_scan();
    EXPECT_EQ(settling.size(), 0U);
    EXPECT_FALSE(settling.next_look());
    EXPECT_EQ(scan(kFile, 20s), Readiness::wait);
}

TEST_F(SettlingTest, KeepsAnEventThatComesInTheMiddleOfAScan) {
    settling.begin_scan();
    settling.notice({Kind::moved_in, "a.jsonl"});
    settling.end_scan();
    EXPECT_EQ(scan(kFile, 10s), Readiness::ready);
}

TEST_F(SettlingTest, IsNotConcernedWithOtherNames) {
    settling.notice({Kind::created, "a.jsonl.part"});
    settling.notice({Kind::closed, "notes.txt"});
    settling.notice({Kind::attributes, "a.jsonl"});
    settling.notice({Kind::attributes, ""});
    EXPECT_EQ(settling.size(), 0U);
}

TEST_F(SettlingTest, StartsAfreshWhenTheInboxGoesAway) {
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan({"b.jsonl", {1, 9}, {100, 5, 5}}, 10s), Readiness::wait);
    settling.notice({Kind::gone_away, ""});
    EXPECT_EQ(settling.size(), 0U);
    EXPECT_FALSE(settling.next_look());
}

TEST_F(SettlingTest, TakesAtOnceWithoutASettleTime) {
    settling.set_settle_time(0ms);
    EXPECT_EQ(scan(kFile, 10s), Readiness::ready);
}

struct EmptyFileTest : SettlingTest {
    EmptyFileTest() { settling = Settling{2s, 60s}; }
};

TEST_F(EmptyFileTest, MayBeOnItsWayHoweverItCame) {
    for (const Kind kind : {Kind::moved_in, Kind::closed, Kind::attributes}) {
        settling.notice({kind, "a.jsonl"});
        EXPECT_EQ(scan(kEmpty, 10s), Readiness::wait);
        EXPECT_EQ(settling.next_look(), 70s);
        EXPECT_EQ(scan(kEmpty, 69s), Readiness::wait);
        EXPECT_EQ(scan(kEmpty, 70s), Readiness::ready);
        settling.forget("a.jsonl");
    }
}

TEST_F(EmptyFileTest, IsTakenAtOnceWhenItWasWrittenMeanwhile) {
    settling.notice({Kind::created, "a.jsonl"});
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan(kEmpty, 10s), Readiness::wait);
    settling.notice({Kind::modified, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 12s), Readiness::wait) << "half of it";
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan(kGrown, 13s), Readiness::ready);
}

TEST_F(EmptyFileTest, WaitsAnewAfterEachChange) {
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan(kEmpty, 10s), Readiness::wait);
    EXPECT_EQ(scan({"a.jsonl", kId, {0, 6, 6}}, 60s), Readiness::wait);
    EXPECT_EQ(settling.next_look(), 120s);
}

TEST_F(SettlingTest, AFileThatSomebodyHasOpenIsWaitedForUntilItStandsStill) {
    settling.notice({Kind::closed, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::ready);
    EXPECT_EQ(settling.observe_open(kFile, 10s), Readiness::wait);
    EXPECT_EQ(settling.observe_open(kFile, 10s + Settling::kLostClose - 1ms), Readiness::wait);
    EXPECT_EQ(settling.still_for("a.jsonl", 70s), 60s);
    EXPECT_EQ(settling.observe_open(kFile, 10s + Settling::kLostClose), Readiness::ready);
}

TEST_F(SettlingTest, AFileThatWasMovedInSaysThatItIsWholeThoughSomebodyHasItOpen) {
    settling.notice({Kind::moved_in, "a.jsonl"});
    EXPECT_EQ(scan(kFile, 10s), Readiness::ready);
    EXPECT_EQ(settling.observe_open(kFile, 10s), Readiness::wait);
    EXPECT_EQ(settling.next_look(), 12s);
    EXPECT_EQ(settling.observe_open(kFile, 12s), Readiness::ready);
}

TEST_F(SettlingTest, AFileOfUnknownStateThatSomebodyHasOpenIsNotWaitedForVeryLong) {
    EXPECT_EQ(scan(kFile, 10s), Readiness::wait);
    EXPECT_EQ(scan(kFile, 12s), Readiness::ready);
    EXPECT_EQ(settling.observe_open(kFile, 12s), Readiness::wait);
    EXPECT_EQ(settling.observe_open(kFile, 10s + Settling::kOpenUnseen), Readiness::ready);
}

TEST_F(SettlingTest, HoldsNoMoreThanItsLimitAndGetsToAllFiles) {
    constexpr std::size_t kFiles = Settling::kFilesMax + 10;
    std::size_t taken = 0;
    const auto scan_from = [&](std::size_t first, Millis now) {
        settling.begin_scan();
        for (std::size_t i = first; i < kFiles; ++i) {
            const Candidate candidate{std::to_string(i) + ".jsonl", {1, i}, {100, 5, 5}};
            if (settling.observe(candidate, now) == Readiness::wait) continue;
            settling.forget(candidate.name);
            ++taken;
        }
        settling.end_scan();
    };
    scan_from(0, 10s);
    EXPECT_EQ(settling.size(), Settling::kFilesMax);
    EXPECT_EQ(taken, 0U);
    scan_from(0, 12s);
    EXPECT_EQ(taken, Settling::kFilesMax);
    EXPECT_EQ(settling.size(), 10U);
    scan_from(Settling::kFilesMax, 14s);
    EXPECT_EQ(taken, kFiles);
}

}  // namespace
}  // namespace batchd::spool
