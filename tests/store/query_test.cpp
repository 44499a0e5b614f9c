/// Statements with their values, and rows as structs: run, insert and the queries of Database.

#include <tuple>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

static_assert(!std::is_convertible_v<std::string, Sql>, "the address of a text that goes away is no key");

struct Everything {
    JobId id;
    std::string text;
    bool flag = false;
    TimePoint time{};
    std::optional<TimePoint> maybe_time;
    JobState state = JobState::claimed;
    std::optional<Outcome> outcome;
    std::optional<JobId> other;
    std::uint64_t count = 0;
};

auto columns_of(Everything& e) {
    return std::tie(e.id, e.text, e.flag, e.time, e.maybe_time, e.state, e.outcome, e.other, e.count);
}

struct QueryTest : ::testing::Test {
    testing::TempDir dir;
    Database database = Database::open(dir.path() / "batchd.db", OpenMode::read_write).value();

    void SetUp() override {
        ASSERT_TRUE(database.execute("CREATE TABLE things (number INTEGER, text TEXT)"));
    }
    void add(std::int64_t number, std::string_view text) {
        ASSERT_TRUE(database.run("INSERT INTO things VALUES (?, ?)", number, text));
    }
    int prepared() {
        int count = 0;
        for (sqlite3_stmt* each = nullptr; (each = sqlite3_next_stmt(&database.handle(), each)) != nullptr;)
            ++count;
        return count;
    }
    bool is_reading() { return sqlite3_txn_state(&database.handle(), "main") != SQLITE_TXN_NONE; }
};

TEST_F(QueryTest, WhatIsBoundIsReadBack) {
    const auto row =
        database
            .query_first<Everything>("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?", JobId{7}, std::string("a\0b", 3),
                                     true, TimePoint{1h}, std::optional(TimePoint{2h}), JobState::running,
                                     std::optional(Outcome::gone), std::optional(JobId{3}), std::size_t{5})
            .value()
            .value();
    EXPECT_EQ(row.id, JobId{7});
    EXPECT_EQ(row.text, std::string("a\0b", 3));
    EXPECT_TRUE(row.flag);
    EXPECT_EQ(row.time, TimePoint{1h});
    EXPECT_EQ(row.maybe_time, TimePoint{2h});
    EXPECT_EQ(row.state, JobState::running);
    EXPECT_EQ(row.outcome, Outcome::gone);
    EXPECT_EQ(row.other, JobId{3});
    EXPECT_EQ(row.count, 5U);
}

TEST_F(QueryTest, NullAndWordsThatNobodyKnowsAreNothing) {
    const auto row =
        database
            .query_first<Everything>("SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?", std::nullopt, OrNull{""}, false,
                                     std::optional<TimePoint>(), std::nullopt, "asleep", "asleep",
                                     std::optional<JobId>(), std::int64_t{-5})
            .value()
            .value();
    EXPECT_EQ(row.id, JobId{});
    EXPECT_EQ(row.text, "");
    EXPECT_FALSE(row.flag);
    EXPECT_EQ(row.time, TimePoint{});
    EXPECT_FALSE(row.maybe_time);
    EXPECT_EQ(row.state, JobState::claimed);
    EXPECT_FALSE(row.outcome);
    EXPECT_FALSE(row.other);
    EXPECT_EQ(row.count, 0U) << "a number below 0 is no count";
}

TEST_F(QueryTest, AnEmptyTextIsNullOnlyWhereThatIsSaid) {
    EXPECT_FALSE(database.query_value<bool>("SELECT ? IS NULL", std::string_view()).value());
    EXPECT_TRUE(database.query_value<bool>("SELECT ? IS NULL", OrNull{std::string_view()}).value());
    EXPECT_FALSE(database.query_value<bool>("SELECT ? IS NULL", OrNull{"x"}).value());
}

TEST_F(QueryTest, AllRowsTheFirstOrNone) {
    for (const int number : {3, 1, 2}) add(number, "t");
    EXPECT_EQ(database.query<std::int64_t>("SELECT number FROM things ORDER BY number").value(),
              (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(database.query_first<std::int64_t>("SELECT number FROM things ORDER BY number").value(), 1);
    EXPECT_FALSE(
        database.query_first<std::int64_t>("SELECT number FROM things WHERE number = ?", std::int64_t{9})
            .value());
    EXPECT_TRUE(
        database.query<std::int64_t>("SELECT number FROM things WHERE text = ?", "u").value().empty());
}

TEST_F(QueryTest, AStatementIsPreparedOnceHoweverOftenItRuns) {
    const int before = prepared();
    for (int number = 0; number < 10; ++number) add(number, "t");
    EXPECT_EQ(prepared(), before + 1);
    EXPECT_EQ(database.query_value<std::uint64_t>("SELECT count(DISTINCT number) FROM things").value(), 10U);
}

TEST_F(QueryTest, NoReadStaysOpenBehindTheFirstRow) {
    for (const int number : {1, 2}) add(number, "t");
    ASSERT_TRUE(database.query_first<std::int64_t>("SELECT number FROM things").value());
    EXPECT_FALSE(is_reading()) << "it would keep the log from being emptied";
}

TEST_F(QueryTest, AFailureIsAnErrorAndTheNextCallIsFine) {
    ASSERT_TRUE(database.execute("CREATE UNIQUE INDEX no_two ON things (number)"));
    add(1, "t");
    const auto insert = [&](std::int64_t number) {
        return database.run("INSERT INTO things VALUES (?, 'u')", number);
    };
    const auto twice = insert(1);
    ASSERT_FALSE(twice);
    EXPECT_EQ(twice.error().code.value(), SQLITE_CONSTRAINT_UNIQUE);
    EXPECT_TRUE(insert(2));
    EXPECT_FALSE(database.query<std::int64_t>("SELECT number FROM nowhere"));
    EXPECT_FALSE(database.query_first<std::int64_t>("SELECT ?", true, "a value too many"));
}

TEST_F(QueryTest, AnInsertAnswersTheNumberOfItsRow) {
    const auto insert = [&](std::string_view text) {
        return database.insert<JobId>("INSERT INTO things VALUES (1, ?) RETURNING rowid", text).value();
    };
    EXPECT_EQ(insert("a"), JobId{1});
    EXPECT_EQ(insert("b"), JobId{2});
    EXPECT_FALSE(is_reading());
}

}  // namespace
}  // namespace batchd::store
