#include <algorithm>
#include <sstream>

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

struct SchemaTest : ::testing::Test {
    std::vector<std::string> column(const std::string& sql) {
        auto statement = Statement::prepare(database.handle(), sql).value();
        std::vector<std::string> values;
        while (statement.step().value()) values.push_back(statement.text());
        return values;
    }
    /// What SQLite would do for a query: "SEARCH jobs USING INDEX …".
    std::string way(const std::string& sql) {
        auto statement = Statement::prepare(database.handle(), "EXPLAIN QUERY PLAN " + sql).value();
        std::string plan;
        while (statement.step().value()) {
            for (int column = 0; column < 3; ++column) statement.integer();
            plan += statement.text() + "\n";
        }
        return plan;
    }
    std::string definition_of(const std::string& name) {
        return column("SELECT sql FROM sqlite_schema WHERE name = '" + name + "'").at(0);
    }

    testing::TempDir dir;
    Database database = Database::open(dir.path() / "batchd.db", OpenMode::read_write).value();
};

/// True when the lines of the definition that define `name`, or the line below them, have a comment.
bool is_explained(const std::string& definition, const std::string& name) {
    std::istringstream lines(definition);
    std::string line;
    int open = 0;
    bool found = false;
    while (std::getline(lines, line)) {
        const auto word = line.find_first_not_of(' ');
        if (word == std::string::npos) continue;
        if (found && open == 0) return line.find("-- ") == word;
        found = found || line.compare(word, name.size() + 1, name + " ") == 0;
        if (!found) continue;
        if (line.find("-- ") != std::string::npos) return true;
        open += static_cast<int>(std::count(line.begin(), line.end(), '('));
        open -= static_cast<int>(std::count(line.begin(), line.end(), ')'));
    }
    return false;
}

TEST_F(SchemaTest, ExplainsEveryColumnOfEveryTableWhereItIsDefined) {
    const auto tables = column("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    EXPECT_EQ(tables,
              (std::vector<std::string>{"batches", "commands", "conditions", "events", "jobs", "notices",
                                        "parts", "provider_calls", "targets", "unused_files"}));
    for (const std::string& table : tables)
        for (const std::string& name : column("SELECT name FROM pragma_table_info('" + table + "')"))
            EXPECT_TRUE(is_explained(definition_of(table), name)) << table << "." << name;
}

TEST_F(SchemaTest, SaysOfEveryViewWhatItShows) {
    const auto views = column("SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name");
    EXPECT_EQ(views, (std::vector<std::string>{"failures_today", "overdue", "providers", "queues", "running",
                                               "spending", "tokens_by_day", "turnaround", "waiting"}));
    for (const std::string& view : views) {
        const std::string definition = definition_of(view);
        EXPECT_NE(definition.substr(0, definition.find('\n')).find("-- "), std::string::npos) << view;
    }
}

TEST_F(SchemaTest, AProviderIsClosedAsLongAsACallToItWaits) {
    ASSERT_TRUE(database.execute(
        "INSERT INTO jobs (key, name, state, created_at, device, inode, provider)"
        " VALUES ('a', 'a', 'running', '', 0, 0, 'default'), ('b', 'b', 'done', '', 0, 0, 'azure'),"
        " ('c', 'c', 'done', '', 0, 0, 'gpu');"
        "INSERT INTO batches (job_id, shard, attempt, run, key, phase, status, endpoint, model, requests, "
        "bytes,"
        " estimated_tokens, created_at, provider)"
        " VALUES (1, 1, 1, 1, 'a1', 'watching', 'in_progress', '', '', 5, 1, 70, '', 'default'),"
        " (2, 1, 1, 1, 'b1', 'collected', 'completed', '', '', 5, 1, 70, '', 'azure');"
        "INSERT INTO conditions (kind, about, since, text) VALUES"
        " ('provider_closed', 'https://api.openai.com/v1', '2026-11-27T08:00:00Z', 'down'),"
        " ('no_key', 'azure', '2026-11-27T09:00:00Z', 'no key'),"
        " ('waiting', 'gpu', '2026-11-27T09:00:00Z', 'a model is loading')"));
    EXPECT_EQ(column("SELECT name || ' ' || open || ' ' || coalesce(why, '-') FROM providers"),
              (std::vector<std::string>{"azure 0 no key", "default 0 down", "gpu 1 -"}));
    EXPECT_EQ(column("SELECT jobs_running || ' ' || batches_in_flight || ' ' || requests_in_flight || ' ' ||"
                     " enqueued_tokens || ' ' || since FROM providers WHERE name = 'default'"),
              (std::vector<std::string>{"1 1 5 70 2026-11-27T08:00:00Z"}));
}

TEST_F(SchemaTest, OfAProviderAndOfAQueueAJobThatWaitsDoesNotRun) {
    ASSERT_TRUE(
        database.execute("INSERT INTO jobs (key, name, state, created_at, device, inode, waits)"
                         " VALUES ('a', 'a', 'running', '', 0, 0, 0), ('b', 'b', 'planned', '', 0, 0, 1)"));
    EXPECT_EQ(column("SELECT jobs_running FROM providers UNION ALL SELECT jobs_running FROM queues"),
              (std::vector<std::string>{"1", "1"}));
}

TEST_F(SchemaTest, WhatTheDaemonAsksOftenDoesNotReadWhatHasEndedLongAgo) {
    for (const char* sql :
         {"SELECT id FROM batches WHERE phase IN ('planned', 'uploading', 'uploaded', 'creating')"
          " AND phase <> 'collected' ORDER BY id LIMIT 5",
          "SELECT count(*) FROM batches WHERE phase = 'watching' AND phase <> 'collected'",
          "SELECT id FROM batches WHERE phase = 'ended' AND phase <> 'collected' ORDER BY id LIMIT 5",
          "SELECT id FROM commands WHERE done_at IS NULL ORDER BY id LIMIT 5", "SELECT * FROM running",
          "SELECT * FROM overdue"})
        EXPECT_EQ(way(sql).find("SCAN batches"), std::string::npos) << sql << "\n" << way(sql);
    EXPECT_EQ(way("SELECT * FROM overdue").find("SCAN b\n"), std::string::npos);
}

TEST_F(SchemaTest, RunningCountsWhatTheProviderHasDoneSoFar) {
    ASSERT_TRUE(database.execute(
        "INSERT INTO jobs (key, name, state, requests, succeeded, failed, created_at, device, inode) VALUES"
        " ('k', 'a', 'running', 100, 20, 5, '2026-11-22T08:00:00Z', 1, 1),"
        " ('l', 'b', 'done', 100, 100, 0, '2026-11-22T08:00:00Z', 1, 1),"
        " ('m', 'c', 'claimed', 0, 0, 0, '2026-11-22T08:00:00Z', 1, 1);"
        "INSERT INTO batches (job_id, shard, attempt, run, key, phase, status, endpoint, model, requests, "
        "bytes,"
        " completed, failed, estimated_tokens, created_at) VALUES"
        " (1, 1, 1, 1, 'x', 'collected', 'completed', '/', 'm', 25, 1, 20, 5, 1, '2026-11-22T08:00:00Z'),"
        " (1, 2, 1, 1, 'y', 'watching', 'in_progress', '/', 'm', 50, 1, 24, 1, 1, '2026-11-22T08:00:00Z'),"
        " (1, 3, 1, 1, 'z', 'planned', 'planned', '/', 'm', 25, 1, 0, 0, 1, '2026-11-22T08:00:00Z')"));
    EXPECT_EQ(
        column("SELECT name || ' ' || done || '/' || requests || ' ' || percent || '% ' || in_flight || ' '"
               " || to_submit FROM running"),
        (std::vector<std::string>{"a 50/100 50% 1 1", "c 0/0 0% 0 0"}));
}

}  // namespace
}  // namespace batchd::store
