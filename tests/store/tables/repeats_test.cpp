#include "store/tables/repeats.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

struct RepeatsTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    Repeats& repeats = store->repeats;
    TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    JobId job = store->jobs.add({.key = "job", .name = "articles", .created_at = now}).value();

    BatchRowId creating(std::uint64_t shard, TimePoint since) {
        const std::string key = "key-" + std::to_string(shard);
        const Batch batch{.job_id = job,
                          .shard = shard,
                          .key = key,
                          .input_file_id = "file-" + std::to_string(shard),
                          .created_at = since};
        EXPECT_TRUE(store->batches.add(batch));
        const BatchRowId id = store->batches.find_by_key(key).value().value().id;
        EXPECT_TRUE(store->batches.begin(id, BatchPhase::creating, since));
        return id;
    }
};

TEST_F(RepeatsTest, AreWatchedForUntilTheTimeGivenAndFromTheOldestDoubtfulCall) {
    EXPECT_FALSE(repeats.watched_since("default", now).value());
    ASSERT_TRUE(repeats.record(creating(1, now - 1h), now + 30min));
    ASSERT_TRUE(repeats.record(creating(2, now - 2h), now + 10min));
    EXPECT_EQ(repeats.watched_since("default", now).value(), now - 2h);
    EXPECT_EQ(repeats.watched_since("default", now + 10min).value(), now - 1h);
    EXPECT_FALSE(repeats.watched_since("default", now + 30min).value());
}

TEST_F(RepeatsTest, KeepTheFirstCallOfSeveral) {
    const BatchRowId id = creating(1, now - 1h);
    ASSERT_TRUE(repeats.record(id, now + 5min));
    ASSERT_TRUE(store->batches.step_back(id, BatchPhase::uploaded));
    ASSERT_TRUE(store->batches.begin(id, BatchPhase::creating, now));
    ASSERT_TRUE(repeats.record(id, now + 30min));
    EXPECT_EQ(store->batches.find(id).value()->repeat_of, now - 1h);
    EXPECT_EQ(repeats.watched_since("default", now + 20min).value(), now - 1h);
}

TEST_F(RepeatsTest, AreFoundByTheirInputFileOnlyWhereACreateWasRepeated) {
    const BatchRowId one = creating(1, now);
    const BatchRowId two = creating(2, now);
    ASSERT_TRUE(repeats.record(one, now + 30min));
    ASSERT_TRUE(repeats.record(two, std::nullopt));
    ASSERT_TRUE(store->database.run("UPDATE batches SET phase = 'watching' WHERE id = ?", one));
    EXPECT_EQ(repeats.find_by_input_file("file-1", now).value(), one);
    EXPECT_FALSE(repeats.find_by_input_file("file-2", now).value());
    EXPECT_FALSE(repeats.find_by_input_file("file-3", now).value());
    EXPECT_FALSE(repeats.find_by_input_file("file-1", now + 30min).value()) << "it is somebody's own by then";
}

TEST_F(RepeatsTest, AreNotFoundByAFileOfWhichABatchIsBeingCreated) {
    const BatchRowId first = creating(1, now);
    ASSERT_TRUE(repeats.watch(first, now + 30min));
    ASSERT_TRUE(store->database.run("UPDATE batches SET phase = 'watching' WHERE id = ?", first));
    const BatchRowId second = creating(2, now);
    ASSERT_TRUE(store->database.run("UPDATE batches SET input_file_id = 'file-1' WHERE id = ?", second));
    EXPECT_FALSE(repeats.find_by_input_file("file-1", now).value()) << "what a list shows may be the second";
    ASSERT_TRUE(store->database.run("UPDATE batches SET phase = 'watching' WHERE id = ?", second));
    EXPECT_EQ(repeats.find_by_input_file("file-1", now).value(), first);
}

}  // namespace
}  // namespace batchd::store
