#include "engine/stage/commit_group.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "base/async/task_group.hpp"
#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {
namespace {

namespace asio = boost::asio;

struct CommitGroupTest : ::testing::Test {
    CommitGroupTest() {
        sqlite3_commit_hook(
            &store->database.handle(), [](void* count) { return ++*static_cast<int*>(count), 0; }, &commits);
    }
    Result<void> add(const std::string& kind) {
        return store->database.run("INSERT INTO events(at, kind) VALUES ('2026-11-22T08:30:00Z', ?)", kind);
    }
    asio::awaitable<void> ask(std::function<Result<void>()> change) {
        results.push_back(co_await group->transact(std::move(change)));
    }
    std::string kinds() {
        return store->database.query_value<std::string>("SELECT coalesce(group_concat(kind), '') FROM events")
            .value();
    }

    testing::TempDir dir;
    std::unique_ptr<store::Store> store =
        store::open_store(dir.path() / "batchd.db", store::OpenMode::read_write).value();
    asio::io_context context{1};
    TaskGroup tasks{context.get_executor()};
    std::unique_ptr<CommitGroup> group =
        std::make_unique<CommitGroup>(store->database, context.get_executor());
    std::vector<Result<void>> results;
    int commits = 0;
};

TEST_F(CommitGroupTest, WhatIsAskedForInOneTurnIsOneCommit) {
    for (const char* const kind : {"a", "b", "c"}) tasks.spawn(ask([this, kind] { return add(kind); }));
    context.run();
    EXPECT_EQ(kinds(), "a,b,c");
    EXPECT_EQ(commits, 1);
    ASSERT_EQ(results.size(), 3U);
    for (const auto& result : results) EXPECT_TRUE(result);
}

TEST_F(CommitGroupTest, WhatIsAskedForAfterwardsIsTheNextOne) {
    tasks.spawn(ask([this] { return add("a"); }));
    context.run();
    context.restart();
    tasks.spawn(ask([this] { return add("b"); }));
    context.run();
    EXPECT_EQ(kinds(), "a,b");
    EXPECT_EQ(commits, 2);
}

TEST_F(CommitGroupTest, AChangeThatFailsIsUndoneAloneAndNotTold) {
    std::vector<std::string> told;
    const auto change = [&](const std::string& kind, bool fails) -> Result<void> {
        store->database.when_committed([&, kind] { told.push_back(kind); });
        if (auto added = add(kind); !added) return added;
        return fails ? error(Errc::changed, "on purpose") : Result<void>();
    };
    tasks.spawn(ask([&] { return change("a", false); }));
    tasks.spawn(ask([&] { return change("b", true); }));
    tasks.spawn(ask([&] { return change("c", false); }));
    context.run();
    EXPECT_EQ(kinds(), "a,c");
    EXPECT_EQ(told, (std::vector<std::string>{"a", "c"}));
    ASSERT_EQ(results.size(), 3U);
    EXPECT_TRUE(results[0]);
    ASSERT_FALSE(results[1]);
    EXPECT_EQ(results[1].error().code, Errc::changed);
    EXPECT_TRUE(results[2]);
}

TEST_F(CommitGroupTest, OneAloneThatFailsChangesNothing) {
    tasks.spawn(ask([&]() -> Result<void> {
        if (auto added = add("a"); !added) return added;
        return error(Errc::changed, "on purpose");
    }));
    context.run();
    EXPECT_EQ(kinds(), "");
    ASSERT_EQ(results.size(), 1U);
    EXPECT_FALSE(results[0]);
}

TEST_F(CommitGroupTest, ACommitThatFailsFailsForAll) {
    sqlite3_commit_hook(&store->database.handle(), [](void*) { return 1; }, nullptr);
    for (const char* const kind : {"a", "b"}) tasks.spawn(ask([this, kind] { return add(kind); }));
    context.run();
    EXPECT_EQ(kinds(), "");
    ASSERT_EQ(results.size(), 2U);
    for (const auto& result : results) EXPECT_FALSE(result);
}

TEST_F(CommitGroupTest, WhereSqliteUndoesAllOfItNothingIsCommittedByItself) {
    // As a full disk does, in the middle of a transaction.
    const auto lose = [this]() -> Result<void> {
        if (auto undone = store->database.execute("ROLLBACK"); !undone) return undone;
        return error(Errc::changed, "the disk is full");
    };
    tasks.spawn(ask([this] { return add("a"); }));
    tasks.spawn(ask(lose));
    tasks.spawn(ask([this] { return add("c"); }));
    context.run();
    EXPECT_EQ(kinds(), "");
    ASSERT_EQ(results.size(), 3U);
    for (const auto& result : results) EXPECT_FALSE(result);
    EXPECT_EQ(commits, 0);
}

TEST_F(CommitGroupTest, ACallerThatIsCancelledDoesNotHoldUpTheOthers) {
    TaskGroup others(context.get_executor());
    others.spawn(ask([this] { return add("cancelled"); }));
    tasks.spawn(ask([this] { return add("a"); }));
    // Both have asked by then.
    asio::post(context, [&] { others.cancel(); });
    context.run();
    EXPECT_EQ(others.size(), 0U);
    EXPECT_EQ(tasks.size(), 0U);
    EXPECT_FALSE(results.empty());
    EXPECT_TRUE(kinds() == "a" || kinds() == "cancelled,a") << kinds();
}

}  // namespace
}  // namespace batchd::engine
