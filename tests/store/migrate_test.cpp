#include "store/migrate.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

/// A database as an earlier version of the schema left it, with a job in flight and an ended one.
struct MigrateTest : ::testing::TestWithParam<int> {
    MigrateTest() {
        sqlite3* old = nullptr;
        EXPECT_EQ(sqlite3_open(path.c_str(), &old), SQLITE_OK);
        execute(old, "PRAGMA journal_mode = WAL");
        execute(old, testing::slurp(Path(STORE_DATA) / ("schema-" + version + ".sql")).c_str());
        execute(old, ("PRAGMA user_version = " + version + "; PRAGMA application_id = 1651794792").c_str());
        execute(
            old,
            "INSERT INTO jobs (key, name, state, requests, created_at, device, inode) VALUES"
            " ('k1', 'ended', 'done', 3, '2026-11-20T08:00:00Z', 1, 2),"
            " ('k2', 'flying', 'running', 5, '2026-11-21T08:00:00Z', 1, 3);"
            "INSERT INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint, model,"
            " requests, bytes, estimated_tokens, created_at) VALUES (2, 1, 1, 1, 'b1', 'batch_1', 'watching',"
            " 'in_progress', '/v1/chat/completions', 'm', 5, 500, 100, '2026-11-21T08:00:00Z');"
            "INSERT INTO events (at, job_id, kind) VALUES ('2026-11-21T08:00:00Z', 2, 'job_claimed')");
        sqlite3_close(old);
    }
    static void execute(sqlite3* connection, const char* sql) {
        EXPECT_EQ(sqlite3_exec(connection, sql, nullptr, nullptr, nullptr), SQLITE_OK)
            << sqlite3_errmsg(connection);
    }
    static std::vector<std::string> schema(Database& database) {
        auto statement = Statement::prepare(database.handle(),
                                            "SELECT type || ' ' || name || ' ' || sql FROM sqlite_schema"
                                            " WHERE sql IS NOT NULL ORDER BY type, name")
                             .value();
        std::vector<std::string> all;
        while (statement.step().value()) all.push_back(statement.text());
        return all;
    }
    static std::string text(Database& database, const char* sql) {
        auto statement = Statement::prepare(database.handle(), sql).value();
        return statement.step().value() ? statement.text() : "nothing";
    }

    const std::string version = std::to_string(GetParam());
    testing::TempDir dir;
    Path path = dir.path() / "batchd.db";
};

TEST_P(MigrateTest, BringsItUpToDateWithAllThatIsInIt) {
    const auto store = open_store(path, OpenMode::read_write).value();
    EXPECT_EQ(text(store->database, "PRAGMA user_version"), std::to_string(kSchemaVersion));
    const Job job = store->jobs.find(JobId{2}).value().value();
    EXPECT_EQ(job.name, "flying");
    EXPECT_EQ(job.state, JobState::running);
    EXPECT_FALSE(job.cancel_asked_at);
    EXPECT_FALSE(job.retry_of);
    const auto batches = store->batches.of_job(JobId{2}).value();
    ASSERT_EQ(batches.size(), 1U);
    EXPECT_EQ(batches[0].batch_id, "batch_1");
    EXPECT_EQ(text(store->database, "SELECT name FROM running"), "flying");
    EXPECT_EQ(text(store->database, "SELECT count(*) FROM events"), "1");
    EXPECT_EQ(text(store->database, "PRAGMA integrity_check"), "ok");
    EXPECT_EQ(text(store->database, "PRAGMA foreign_key_check"), "nothing");
}

TEST_P(MigrateTest, AnOldDatabaseReadsLikeANewOneAfterwards) {
    auto old = Database::open(path, OpenMode::read_write).value();
    auto fresh = Database::open(dir.path() / "fresh.db", OpenMode::read_write).value();
    EXPECT_EQ(schema(old), schema(fresh));
}

TEST_P(MigrateTest, WhatItWritesAfterwardsIsFoundAgainAtTheNextStart) {
    {
        const auto store = open_store(path, OpenMode::read_write).value();
        ASSERT_TRUE(store->jobs.record_cancel_asked(JobId{2}, TimePoint{std::chrono::hours(24)}));
        ASSERT_TRUE(store->commands.add(Verb::cancel, JobId{2}, {}));
    }
    const auto store = open_store(path, OpenMode::read_write).value();
    EXPECT_EQ(store->jobs.find(JobId{2}).value()->cancel_asked_at, TimePoint{std::chrono::hours(24)});
    EXPECT_EQ(store->commands.open(9).value().size(), 1U);
    EXPECT_EQ(text(store->database, "PRAGMA integrity_check"), "ok");
}

TEST_P(MigrateTest, ViewsThatPeopleMadeStayWhateverTheirNames) {
    sqlite3* old = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &old), SQLITE_OK);
    execute(old, "CREATE VIEW \"my \"\"own\"\" jobs\" AS SELECT name FROM jobs");
    execute(old, "CREATE VIEW broken AS SELECT no_such_column FROM no_such_table");
    // A name that is ours now; where it was before, nobody could take it.
    execute(old, "CREATE VIEW IF NOT EXISTS Conditions AS SELECT 1 AS one");
    sqlite3_close(old);
    const auto store = open_store(path, OpenMode::read_write).value();
    EXPECT_EQ(text(store->database, "SELECT count(*) FROM \"my \"\"own\"\" jobs\""), "2");
    EXPECT_EQ(text(store->database, "SELECT count(*) FROM sqlite_schema WHERE name = 'broken'"), "1");
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_EQ(text(store->database, "SELECT name FROM running"), "flying");
}

TEST(RenewTest, AViewOrTriggerThatWasChangedIsMadeAnewInADatabaseThatIsUpToDate) {
    const testing::TempDir dir;
    const Path path = dir.path() / "batchd.db";
    std::vector<std::string> fresh;
    {
        auto store = open_store(path, OpenMode::read_write).value();
        fresh = MigrateTest::schema(store->database);
        ASSERT_TRUE(store->database.execute(
            "DROP VIEW providers; CREATE VIEW providers AS SELECT provider AS name FROM jobs;"
            "DROP TRIGGER events_are_told; DROP VIEW overdue;"
            "CREATE VIEW my_own AS SELECT name FROM providers"));
    }
    auto store = open_store(path, OpenMode::read_write).value();
    auto renewed = MigrateTest::schema(store->database);
    std::erase(renewed, "view my_own CREATE VIEW my_own AS SELECT name FROM providers");
    EXPECT_EQ(renewed.size(), fresh.size());
    EXPECT_EQ(renewed, fresh);
    EXPECT_EQ(MigrateTest::text(store->database, "SELECT count(*) FROM my_own"), "0");
}

TEST_P(MigrateTest, ReadersAndGuestsLeaveItToTheDaemon) {
    for (const OpenMode mode : {OpenMode::read_only, OpenMode::guest}) {
        const auto opened = Database::open(path, mode);
        ASSERT_FALSE(opened);
        EXPECT_EQ(to_string(opened.error()), path.string() + ": its schema has version " + version +
                                                 ", this batchd works with " +
                                                 std::to_string(kSchemaVersion) +
                                                 "; the daemon brings it up to date when it is started next");
    }
}

/// What a step will trip over: a column that it adds, which is in the newest schema and not in `old`; where
/// there is none, one that is gone and that a new index is made of.
std::string change_in_the_way(sqlite3* old, const Path& folder) {
    auto fresh = Database::open(folder / "fresh.db", OpenMode::read_write).value();
    auto columns =
        Statement::prepare(fresh.handle(),
                           "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
                           " WHERE t.name IN ('jobs', 'batches', 'commands', 'events')")
            .value();
    while (columns.step().value()) {
        const std::string table = columns.text(), column = columns.text();
        const std::string look = "SELECT " + column + " FROM " + table;
        if (sqlite3_exec(old, look.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
            return "ALTER TABLE " + table + " ADD COLUMN " + column + " TEXT";
    }
    return "ALTER TABLE batches RENAME COLUMN overdue_at TO was_overdue_at";
}

std::vector<std::string> schema_of(sqlite3* connection) {
    auto statement = Statement::prepare(*connection,
                                        "SELECT sql FROM sqlite_schema UNION ALL"
                                        " SELECT user_version FROM pragma_user_version")
                         .value();
    std::vector<std::string> all;
    while (statement.step().value()) all.push_back(statement.text());
    return all;
}

TEST_P(MigrateTest, AStepThatFailsLeavesTheOldDatabaseAsItWas) {
    sqlite3* old = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &old), SQLITE_OK);
    execute(old, change_in_the_way(old, dir.path()).c_str());  // somebody was here before
    const auto before = schema_of(old);
    EXPECT_EQ(before.back(), version);
    EXPECT_FALSE(Database::open(path, OpenMode::read_write));
    EXPECT_EQ(schema_of(old), before);
    sqlite3_close(old);
}

INSTANTIATE_TEST_SUITE_P(FromVersion, MigrateTest, ::testing::Range(1, kSchemaVersion),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace batchd::store
