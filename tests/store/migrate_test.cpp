#include "store/migrate.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

/// Every table and view with its columns, and every index: what a statement can lean on.
std::string shape(Database& database) {
    auto statement = Statement::prepare(
        database.handle(),
        "SELECT group_concat(line, char(10)) FROM (SELECT t.name || '.' || c.name || ' ' || c.type || ' ' ||"
        " c.\"notnull\" AS line FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type IN ('table', "
        "'view') UNION ALL SELECT name || ' on ' || tbl_name FROM sqlite_schema WHERE type IN ('index', "
        "'trigger') AND name NOT LIKE 'sqlite_%' ORDER BY 1)");
    if (!statement || !statement->step().value()) return "nothing";
    return statement->text();
}

/// A database as version 1 made it, with a job and a batch in it.
void make_version_1(const Path& path) {
    const std::string sql = testing::slurp(Path(STORE_DATA) / "schema-1.sql") +
                            "PRAGMA user_version = 1; PRAGMA application_id = 1651794792;"
                            "INSERT INTO jobs (id, key, name, state, created_at, device, inode)"
                            " VALUES (7, 'k', 'articles', 'running', '2026-11-22T08:30:00Z', 1, 2);"
                            "INSERT INTO batches (job_id, shard, attempt, run, key, phase, status, endpoint, "
                            "model, requests, bytes, estimated_tokens, created_at) VALUES (7, 1, 1, 1, 'b', "
                            "'watching', 'in_progress', '/v1/x', 'm', 5, 500, 125, '2026-11-22T08:30:00Z');";
    sqlite3* made = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &made), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(made, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(made);
    sqlite3_close(made);
}

TEST(MigrateTest, BringsTheFirstVersionToTheShapeOfANewOneAndKeepsItsRows) {
    const TempDir dir;
    make_version_1(dir.path() / "old.db");
    auto old = open_store(dir.path() / "old.db", OpenMode::read_write);
    auto fresh = open_store(dir.path() / "new.db", OpenMode::read_write);
    ASSERT_TRUE(old) << to_string(old.error());
    ASSERT_TRUE(fresh);
    EXPECT_EQ(shape((*old)->database), shape((*fresh)->database));
    const auto job = (*old)->jobs.find(JobId{7}).value();
    ASSERT_TRUE(job);
    EXPECT_EQ(job->name, "articles");
    EXPECT_EQ((*old)->batches.of_job(JobId{7}).value().size(), 1U);
}

TEST(MigrateTest, AStepThatFailsLeavesTheDatabaseAsItWas) {
    const TempDir dir;
    const Path path = dir.path() / "old.db";
    make_version_1(path);
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
    const auto run = [&](const char* sql) { return sqlite3_exec(other, sql, nullptr, nullptr, nullptr); };
    ASSERT_EQ(run("CREATE TABLE unused_files (x)"), SQLITE_OK);  // in the way of the last statement
    EXPECT_FALSE(Database::open(path, OpenMode::read_write));
    EXPECT_EQ(run("SELECT repeat_of FROM batches"), SQLITE_ERROR) << "of a statement before it";
    ASSERT_EQ(run("DROP TABLE unused_files"), SQLITE_OK);
    sqlite3_close(other);
    EXPECT_TRUE(Database::open(path, OpenMode::read_write));
}

TEST(MigrateTest, ReaderSaysThatTheDaemonHasToMigrateFirst) {
    const TempDir dir;
    make_version_1(dir.path() / "old.db");
    const auto opened = Database::open(dir.path() / "old.db", OpenMode::read_only);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::illegal);
}

}  // namespace
}  // namespace batchd::store
