// What is asked for each file that comes, goes or is cleaned must not cost more the more of them there are.

#include <cstdint>
#include <functional>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

/// Two bundles of `count` jobs each, the first half of which has ended; as many that wait in a queue, and as
/// many that are claimed.
constexpr const char* kRows = R"(
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4 * ?1)
INSERT INTO jobs (id, key, name, state, device, inode, created_at, queue, waits, bytes)
  SELECT i, 'k' || i, 'n', CASE WHEN i > 3 * ?1 THEN 'claimed' WHEN i > 2 * ?1 THEN 'planned'
                                WHEN (i - 1) % ?1 < ?1 / 2 THEN 'done' ELSE 'delivering' END,
         1, i, '2026-11-22T00:00:00Z', 'q', i > 2 * ?1 AND i <= 3 * ?1, 100 FROM n)";
constexpr const char* kBundles = R"(
INSERT INTO batches (id, key, bundle, phase, status, shard, attempt, run, endpoint, model, requests, bytes,
                     estimated_tokens, created_at)
  VALUES (1, 'a', 'a', 'collected', 'completed', 1, 1, 1, '/', 'm', 1, 1, 1, '2026-11-22T00:00:00Z'),
         (2, 'b', 'b', 'collected', 'completed', 1, 1, 1, '/', 'm', 1, 1, 1, '2026-11-22T00:00:00Z'))";
constexpr const char* kParts =
    "INSERT INTO parts (batch, job_id, shard, attempt, requests) SELECT 1 + (id > ?1), id, 1, 1, 1 FROM jobs"
    " WHERE id <= 2 * ?1";

/// What SQLite's machine has done so far, in all statements.
int steps(Database& database) {
    int all = 0;
    sqlite3_stmt* each = nullptr;
    while ((each = sqlite3_next_stmt(&database.handle(), each)) != nullptr)
        all += sqlite3_stmt_status(each, SQLITE_STMTSTATUS_VM_STEP, 0);
    return all;
}

/// Steps that `ask` takes among `count` rows of each kind.
int cost(std::int64_t count, const std::function<void(Store&)>& ask) {
    const TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    store->database.run(kRows, count).value();
    store->database.run(kBundles).value();
    store->database.run(kParts, count).value();
    const int before = steps(store->database);
    ask(*store);
    return steps(store->database) - before;
}

void expect_flat(const char* what, const std::function<void(Store&)>& ask) {
    EXPECT_LT(cost(4000, ask), cost(400, ask) + 200) << what;
}

TEST(ManyRowsTest, WhatIsAskedForEachFileCostsTheSameHoweverManyThereAre) {
    expect_flat("small files", [](Store& s) {
        EXPECT_EQ(s.jobs.of_size(JobState::claimed, 0, 1000, 3).value().size(), 3U);
    });
    expect_flat("large files", [](Store& s) {
        EXPECT_TRUE(s.jobs.of_size(JobState::claimed, 1000, 5000, 3).value().empty());
    });
    expect_flat("cancelled", [](Store& s) { EXPECT_TRUE(s.waiting_jobs.cancelled().value().empty()); });
    expect_flat("bundles", [](Store& s) { EXPECT_TRUE(s.bundles.to_clean("default").value().empty()); });
}

TEST(ManyRowsTest, ALookAtAllOfThemWouldBeFound) {
    const auto ask = [](Store& s) { EXPECT_EQ(s.waiting_jobs.by_queue().value().size(), 1U); };
    EXPECT_GT(cost(4000, ask), cost(400, ask) + 200);
}

TEST(ManyRowsTest, ABundleIsCleanedOnceItsLastJobHasEnded) {
    const TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    store->database.run(kRows, std::int64_t{4}).value();
    store->database.run(kBundles).value();
    store->database.run(kParts, std::int64_t{4}).value();
    // The last of the first bundle has ended before the others.
    store->database.run("UPDATE jobs SET state = 'cancelled' WHERE id = 4").value();
    EXPECT_TRUE(store->bundles.to_clean("default").value().empty());
    store->database.run("UPDATE jobs SET state = 'done' WHERE id <= 4").value();
    EXPECT_EQ(store->bundles.to_clean("default").value(), std::vector<BatchRowId>{BatchRowId{1}});
}

}  // namespace
}  // namespace batchd::store
