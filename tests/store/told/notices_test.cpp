#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

const TimePoint kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 28) + 12h;

/// A database with notices of each minute from noon on.
struct NoticesTest : ::testing::Test {
    std::unique_ptr<Store> made(const std::string& name, int notices, TimePoint first = kNoon) {
        auto store = open_store(dir.path() / name, OpenMode::read_write).value();
        for (int i = 0; i < notices; ++i) add(*store, first + i * 1min);
        return store;
    }
    static void add(Store& store, TimePoint at) { store.notices.add(at, "test", "text", "").value(); }
    /// Where a reader stands that has seen the notices up to this one.
    static NoticePlace seen(Store& store, std::int64_t id) {
        return store.notices.resume({.id = id, .key = {}}).value();
    }
    static std::int64_t resumed(Store& store, const NoticePlace& stood) {
        return store.notices.resume(stood).value().id;
    }

    testing::TempDir dir;
};

TEST_F(NoticesTest, AReaderOfTheSameDatabaseGoesOnWhereItStood) {
    const auto store = made("batchd.db", 6);
    const NoticePlace stood = seen(*store, 4);
    EXPECT_EQ(stood.key.substr(0, 4), "msg_");
    EXPECT_EQ(stood.at, kNoon + 3min);
    EXPECT_EQ(resumed(*store, stood), 4);
    EXPECT_EQ(resumed(*store, {.id = 0, .key = {}}), 0);
    // What it has seen last was forgotten since; the newest never is.
    ASSERT_TRUE(store->jobs.remove_old({kNoon + 1h, kNoon + 1h}, 100));
    EXPECT_EQ(resumed(*store, stood), 4);
    EXPECT_EQ(store->notices.after(4, 10).value().size(), 1U);
}

TEST_F(NoticesTest, OfAnOlderCopyItIsToldWhatCameSince) {
    const auto lost = made("lost.db", 6);
    const NoticePlace stood = seen(*lost, 6);
    const auto copy = made("batchd.db", 4);
    EXPECT_EQ(resumed(*copy, stood), 4) << "of what the copy has it has seen all";
    // Also once the copy has as many as the reader has seen, and more.
    for (int i = 0; i < 4; ++i) add(*copy, kNoon + 1h + i * 1min);
    EXPECT_EQ(resumed(*copy, stood), 4);
}

TEST_F(NoticesTest, OfANewDatabaseItIsToldAll) {
    const auto lost = made("lost.db", 3);
    const NoticePlace stood = seen(*lost, 3);
    EXPECT_EQ(resumed(*made("empty.db", 0), stood), 0);
    EXPECT_EQ(resumed(*made("batchd.db", 2, kNoon + 1h), stood), 0);
    EXPECT_EQ(resumed(*made("longer.db", 9, kNoon + 1h), stood), 0);
}

TEST_F(NoticesTest, WithoutAKeyOnlyAnEarlierEndTellsAnotherDatabase) {
    const auto store = made("batchd.db", 2, kNoon + 1h);
    EXPECT_EQ(resumed(*store, {.id = 3, .key = {}, .at = kNoon + 2min}), 0);
    EXPECT_EQ(resumed(*store, {.id = 3, .key = {}, .at = kNoon + 2h}), 2);
    EXPECT_EQ(resumed(*store, {.id = 3, .key = {}}), 3) << "the reader judges for itself";
}

}  // namespace
}  // namespace batchd::store
