#include "spool/inbox/inbox_watcher.hpp"

#include <algorithm>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include <gtest/gtest.h>
#include <unistd.h>
#include <boost/asio/io_context.hpp>

#include "base/async/task_group.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

namespace asio = boost::asio;
using Kind = InboxEvent::Kind;
using testing::TempDir;

struct InboxWatcherTest : ::testing::Test {
    asio::io_context context{1};
    TempDir dir;
    Path inbox = dir.path() / "inbox";

    InboxWatches watches{context.get_executor()};
    TaskGroup tasks{context.get_executor()};

    void SetUp() override {
        ASSERT_TRUE(make_directory(inbox));
        tasks.spawn(watches.run());
        context.poll();  // a task that is cancelled before its first step would throw
    }
    void TearDown() override {
        tasks.cancel();
        context.restart();
        context.run();
    }

    /// A watcher, and what it has heard and nobody has asked for.
    struct Ear {
        std::vector<InboxEvent> heard;
        std::optional<InboxWatcher> watcher;
    };
    std::unique_ptr<Ear> watch(const Path& folder) {
        auto ear = std::make_unique<Ear>();
        auto watcher =
            watches.watch(folder, [to = ear.get()](const InboxEvent& event) { to->heard.push_back(event); });
        EXPECT_TRUE(watcher) << watcher.error().context;
        if (watcher) ear->watcher.emplace(std::move(*watcher));
        return ear;
    }
    std::unique_ptr<Ear> watch() { return watch(inbox); }

    /// What the kernel has queued by now: it does so before the call that causes an event returns.
    std::vector<InboxEvent> next(const std::unique_ptr<Ear>& ear) {
        context.restart();
        while (ear->heard.empty()) context.run_one();
        return std::exchange(ear->heard, {});
    }

    static bool has(const std::vector<InboxEvent>& events, Kind kind, const std::string& name) {
        return std::find(events.begin(), events.end(), InboxEvent{kind, name}) != events.end();
    }
};

TEST_F(InboxWatcherTest, SeesAFileMovedIn) {
    auto watcher = watch();
    ASSERT_TRUE(rename_file(dir.write("a", "{}"), inbox / "a.jsonl"));
    EXPECT_EQ(next(watcher), (std::vector<InboxEvent>{{Kind::moved_in, "a.jsonl"}}));
}

TEST_F(InboxWatcherTest, SeesAWriterFromItsFirstByteToItsClose) {
    auto watcher = watch();
    {
        std::ofstream file(inbox / "a.jsonl");
        file << "{}" << std::flush;
        EXPECT_EQ(next(watcher),
                  (std::vector<InboxEvent>{{Kind::created, "a.jsonl"}, {Kind::modified, "a.jsonl"}}));
    }
    EXPECT_EQ(next(watcher), (std::vector<InboxEvent>{{Kind::closed, "a.jsonl"}}));
}

TEST_F(InboxWatcherTest, SeesThatALinkedFileIsNotBeingWritten) {
    auto watcher = watch();
    ASSERT_EQ(::link(dir.write("a", "{}").c_str(), (inbox / "a.jsonl").c_str()), 0);
    EXPECT_EQ(next(watcher), (std::vector<InboxEvent>{{Kind::created, "a.jsonl"}}));
}

TEST_F(InboxWatcherTest, SeesTheInboxGoAway) {
    auto watcher = watch();
    ASSERT_TRUE(remove_tree(inbox));
    EXPECT_TRUE(has(next(watcher), Kind::gone_away, ""));
    ASSERT_TRUE(make_directory(inbox));
    auto again = watch();
    ASSERT_TRUE(rename_file(dir.write("a", "{}"), inbox / "a.jsonl"));
    EXPECT_TRUE(has(next(again), Kind::moved_in, "a.jsonl"));
}

TEST_F(InboxWatcherTest, SeesTheInboxRenamed) {
    auto watcher = watch();
    ASSERT_TRUE(rename_file(inbox, dir.path() / "old"));
    EXPECT_TRUE(has(next(watcher), Kind::gone_away, ""));
}

TEST_F(InboxWatcherTest, SeesManyFilesAtOnce) {
    auto watcher = watch();
    constexpr std::size_t kFiles = 3000;  // more than one read holds
    for (std::size_t i = 0; i < kFiles; ++i)
        ASSERT_TRUE(rename_file(dir.write("a", ""), inbox / (std::to_string(i) + ".jsonl")));
    std::size_t seen = 0;
    while (seen < kFiles) seen += next(watcher).size();
    EXPECT_EQ(seen, kFiles);
}

TEST_F(InboxWatcherTest, SaysThatThereIsNoInbox) {
    const auto watcher = watches.watch("/nonexistent/inbox", [](const InboxEvent&) {});
    ASSERT_FALSE(watcher);
    EXPECT_EQ(watcher.error().code, boost::system::errc::no_such_file_or_directory);
}

TEST_F(InboxWatcherTest, EachOfAThousandFoldersIsToldOfItsOwn) {
    // More than a user has inotify instances.
    std::vector<std::unique_ptr<Ear>> watchers;
    for (int i = 0; i < 1000; ++i) {
        const Path folder = dir.path() / std::to_string(i);
        ASSERT_TRUE(make_directory(folder));
        watchers.push_back(watch(folder));
    }
    for (const std::size_t i : {999U, 0U, 500U}) {
        ASSERT_TRUE(rename_file(dir.write("a", "{}"), dir.path() / std::to_string(i) / "a.jsonl"));
        EXPECT_EQ(next(watchers[i]), (std::vector<InboxEvent>{{Kind::moved_in, "a.jsonl"}})) << i;
    }
}

TEST_F(InboxWatcherTest, TwoOfOneFolderAreBothTold) {
    auto first = watch();
    auto second = watch();
    ASSERT_TRUE(rename_file(dir.write("a", "{}"), inbox / "a.jsonl"));
    EXPECT_EQ(next(first), next(second));
    second.reset();
    ASSERT_TRUE(rename_file(dir.write("b", "{}"), inbox / "b.jsonl"));
    EXPECT_EQ(next(first), (std::vector<InboxEvent>{{Kind::moved_in, "b.jsonl"}})) << "it is watched still";
}

}  // namespace
}  // namespace batchd::spool
