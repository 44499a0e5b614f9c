#include "store/tables/unused_files.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

struct UnusedFilesTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    UnusedFiles& files = store->unused_files;
    TimePoint now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);
    JobId job = store->jobs.add({.key = "job", .name = "articles", .created_at = now}).value();
};

TEST_F(UnusedFilesTest, AreRememberedOnceUntilTheyAreForgotten) {
    ASSERT_TRUE(files.add("default", "file-1", job, "replaced", now));
    ASSERT_TRUE(files.add("default", "file-1", job, "replaced again", now));
    const auto rows = files.to_delete("default", 10).value();
    ASSERT_EQ(rows.size(), 1U);
    const auto file = files.find(rows[0]).value();
    ASSERT_TRUE(file);
    EXPECT_EQ(file->file_id, "file-1");
    EXPECT_EQ(file->why, "replaced");
    EXPECT_EQ(file->job, job);
    ASSERT_TRUE(files.forget(rows[0]));
    EXPECT_EQ(files.count().value(), 0U);
    EXPECT_FALSE(files.find(rows[0]).value());
}

TEST_F(UnusedFilesTest, AreLeftAloneWhileABatchThatIsNotEndedUsesThem) {
    ASSERT_TRUE(files.add("default", "file-1", job, "replaced", now));
    ASSERT_TRUE(
        store->batches.add({.job_id = job, .key = "k", .input_file_id = "file-1", .created_at = now}));
    const BatchRowId id = store->batches.find_by_key("k").value()->id;
    const auto in_use = [&] { return files.to_delete("default", 10).value().empty(); };
    EXPECT_TRUE(in_use()) << "uploaded";
    ASSERT_TRUE(store->batches.begin(id, BatchPhase::creating, now));
    EXPECT_TRUE(in_use()) << "creating";
    ASSERT_TRUE(store->batches.record_submission(id, "batch_1", "validating", {}, now));
    EXPECT_TRUE(in_use()) << "watching";
    ASSERT_TRUE(store->batches.record_end(id, {.status = "failed"}, now));
    EXPECT_FALSE(in_use());
    EXPECT_EQ(files.count().value(), 1U);
}

}  // namespace
}  // namespace batchd::store
