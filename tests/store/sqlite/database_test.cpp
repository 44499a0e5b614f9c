#include "store/sqlite/database.hpp"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/migrate.hpp"
#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

std::string one_text(Database& database, const char* sql) {
    auto statement = Statement::prepare(database.handle(), sql);
    if (!statement || !statement->step().value()) return "nothing";
    return statement->text();
}

struct DatabaseTest : ::testing::Test {
    TempDir dir;
    Path path = dir.path() / "batchd.db";
};

TEST_F(DatabaseTest, IsMadeWithTheSettingsThatMakeACommitDurable) {
    auto database = Database::open(path, OpenMode::read_write).value();
    EXPECT_EQ(one_text(database, "PRAGMA journal_mode"), "wal");
    EXPECT_EQ(one_text(database, "PRAGMA synchronous"), "2");
    EXPECT_EQ(one_text(database, "PRAGMA foreign_keys"), "1");
    EXPECT_EQ(one_text(database, "PRAGMA user_version"), std::to_string(kSchemaVersion));
}

TEST_F(DatabaseTest, LeavesWhatReadersNeedWhenItIsClosed) {
    ASSERT_TRUE(Database::open(path, OpenMode::read_write));
    for (const char* suffix : {"-wal", "-shm"})
        EXPECT_TRUE(std::filesystem::exists(path.string() + suffix)) << suffix;
    EXPECT_EQ(std::filesystem::file_size(path.string() + "-wal"), 0U);
    EXPECT_TRUE(Database::open(path, OpenMode::read_only));
}

TEST_F(DatabaseTest, WhatWaitsForTheCommitIsDoneAfterItAndNeverWhenItIsUndone) {
    auto database = Database::open(path, OpenMode::read_write).value();
    std::vector<std::string> done;
    database.when_committed([&] { done.push_back("at once"); });
    EXPECT_EQ(done.size(), 1U);
    EXPECT_TRUE(database.transact([&]() -> Result<void> {
        database.when_committed([&] { done.push_back("first"); });
        database.when_committed([&] { done.push_back("second"); });
        EXPECT_EQ(done.size(), 1U);
        return {};
    }));
    EXPECT_EQ(done, (std::vector<std::string>{"at once", "first", "second"}));
    EXPECT_FALSE(database.transact([&]() -> Result<void> {
        database.when_committed([&] { done.push_back("never"); });
        return error(Errc::corrupt, "on purpose");
    }));
    std::filesystem::rename(path, dir.path() / "elsewhere.db");
    EXPECT_FALSE(database.transact([&]() -> Result<void> {
        database.when_committed([&] { done.push_back("never"); });
        return database.execute("INSERT INTO events(at, kind) VALUES ('2026-11-22T08:30:00Z', 'waiting')");
    })) << "the commit fails";
    EXPECT_EQ(done.size(), 3U);
}

TEST_F(DatabaseTest, CommitsNothingWhileItsFileIsAway) {
    auto database = Database::open(path, OpenMode::read_write).value();
    const char* const add =
        "INSERT INTO events(at, kind, detail) VALUES ('2026-11-22T08:30:00Z', 'waiting', 'x')";
    const Path elsewhere = dir.path() / "elsewhere.db";
    std::filesystem::rename(path, elsewhere);
    const auto single = database.execute(add);
    ASSERT_FALSE(single);
    EXPECT_EQ(single.error().code, Errc::not_found);
    EXPECT_NE(to_string(single.error()).find("deleted or replaced"), std::string::npos)
        << to_string(single.error());
    EXPECT_FALSE(is_damage(single.error()));
    EXPECT_FALSE(database.transact([&] { return database.execute(add); }));
    std::filesystem::rename(elsewhere, path);
    EXPECT_TRUE(database.transact([&] { return database.execute(add); }));
    EXPECT_EQ(one_text(database, "SELECT count(*) FROM events"), "1");
}

TEST_F(DatabaseTest, HasOnlyStrictTables) {
    auto database = Database::open(path, OpenMode::read_write).value();
    EXPECT_EQ(one_text(database,
                       "SELECT group_concat(name) FROM pragma_table_list WHERE schema = 'main'"
                       " AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'"),
              "");
    EXPECT_EQ(
        one_text(database, "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND strict = 1"),
        "10");
}

TEST_F(DatabaseTest, RefusesADatabaseOfANewerBatchd) {
    ASSERT_TRUE(Database::open(path, OpenMode::read_write).value().execute("PRAGMA user_version = 99"));
    const auto opened = Database::open(path, OpenMode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_EQ(to_string(opened.error()), path.string() +
                                             ": its schema has version 99, this batchd works with " +
                                             std::to_string(kSchemaVersion) + "; run the newer batchd again");
}

TEST_F(DatabaseTest, RefusesTheDatabaseOfAnotherProgram) {
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE photos (id)", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    const auto opened = Database::open(path, OpenMode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_NE(to_string(opened.error()).find("not a database of batchd"), std::string::npos);
    EXPECT_TRUE(is_damage(opened.error())) << "where ours was, it is lost";
}

TEST_F(DatabaseTest, RefusesAFileThatIsNoDatabase) {
    dir.write("batchd.db", std::string(8192, 'x'));
    const auto opened = Database::open(path, OpenMode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code.value() & 0xff, SQLITE_NOTADB);
    EXPECT_TRUE(is_damage(opened.error()));
}

TEST_F(DatabaseTest, RefusesADamagedDatabase) {
    {
        auto database = Database::open(path, OpenMode::read_write).value();
        ASSERT_TRUE(database.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
    std::string bytes = testing::slurp(path);
    for (std::size_t page = 4096; page < bytes.size(); page += 4096)
        bytes.replace(page, 64, std::string(64, '\xee'));
    dir.write("batchd.db", bytes);
    const auto opened = Database::open(path, OpenMode::read_write);
    ASSERT_FALSE(opened);
    EXPECT_TRUE(is_damage(opened.error())) << to_string(opened.error());
}

TEST_F(DatabaseTest, ATransactionThatFailsLeavesNothingBehind) {
    const auto store = open_store(path, OpenMode::read_write).value();
    const auto result = store->database.transact([&]() -> Result<void> {
        if (auto added = store->events.add({}, {}, "", "test", ""); !added) return added;
        return error(Errc::bad_input, "second thoughts");
    });
    EXPECT_FALSE(result);
    EXPECT_EQ(one_text(store->database, "SELECT count(*) FROM events"), "0");
    EXPECT_TRUE(store->events.add({}, {}, "", "test", ""));
}

TEST_F(DatabaseTest, AReaderThatHoldsATransactionOpenDoesNotStopTheWriter) {
    const auto store = open_store(path, OpenMode::read_write).value();
    auto reader = Database::open(path, OpenMode::read_only).value();
    ASSERT_TRUE(reader.execute("BEGIN; SELECT count(*) FROM jobs"));
    EXPECT_TRUE(store->events.add({}, {}, "", "test", ""));
}

TEST_F(DatabaseTest, ItsLogIsShortAgainOnceALongReaderIsGone) {
    const auto store = open_store(path, OpenMode::read_write).value();
    const Path log = path.string() + "-wal";
    const auto write = [&](int megabytes) {
        for (int i = 0; i < megabytes; ++i)
            ASSERT_TRUE(store->events.add({}, {}, "", "test", std::string(1'000'000, 'x')));
    };
    auto reader = Database::open(path, OpenMode::read_only).value();
    ASSERT_TRUE(reader.execute("BEGIN; SELECT count(*) FROM jobs"));
    write(40);
    EXPECT_GT(std::filesystem::file_size(log), 30'000'000U) << "the reader needs what it has begun to read";
    ASSERT_TRUE(reader.execute("COMMIT"));
    write(20);
    EXPECT_LT(std::filesystem::file_size(log), 20'000'000U);
}

TEST_F(DatabaseTest, ReadersOneAfterTheOtherDoNotKeepItsLogFromBeingEmptied) {
    const auto store = open_store(path, OpenMode::read_write).value();
    std::atomic<bool> stop = false;
    const auto read_on = [&] {
        auto reader = Database::open(path, OpenMode::read_only).value();
        while (!stop)
            if (!reader.execute("BEGIN; SELECT count(*) FROM jobs; SELECT count(*) FROM events; COMMIT"))
                break;
    };
    std::thread one(read_on), other(read_on);
    for (int i = 0; i < 100; ++i)
        ASSERT_TRUE(store->events.add({}, {}, "", "test", std::string(1'000'000, 'x')));
    stop = true;
    one.join();
    other.join();
    EXPECT_LT(std::filesystem::file_size(path.string() + "-wal"), 50'000'000U);
}

TEST_F(DatabaseTest, AWriterThatHoldsTheLockIsABusyErrorAndNoLoss) {
    const auto store = open_store(path, OpenMode::read_write).value();
    auto other = Database::open(path, OpenMode::read_write).value();
    ASSERT_TRUE(other.execute("BEGIN IMMEDIATE"));
    const auto busy = store->events.add({}, {}, "", "test", "");
    ASSERT_FALSE(busy);
    EXPECT_EQ(busy.error().code.value() & 0xff, SQLITE_BUSY);
    ASSERT_TRUE(other.execute("ROLLBACK"));
    EXPECT_TRUE(store->events.add({}, {}, "", "test", ""));
}

}  // namespace
}  // namespace batchd::store
