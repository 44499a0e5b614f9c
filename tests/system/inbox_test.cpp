#include <cerrno>
#include <csignal>
#include <cstring>

#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/disk/fd.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

using InboxTest = SystemTest;
using Ids = std::vector<std::string>;

/// Tells whether anybody has opened a file, from construction on.
class OpenWatch {
public:
    explicit OpenWatch(const Path& path) : fd_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
        inotify_add_watch(fd_.get(), path.c_str(), IN_OPEN);
    }
    bool was_opened() const {
        alignas(inotify_event) char buffer[4096];
        return read(fd_.get(), buffer, sizeof buffer) > 0;
    }

private:
    UniqueFd fd_;
};

TEST_F(InboxTest, TheSameNameAgainBecomesAJobOfItsOwnAndOverwritesNothing) {
    bench.provider().change_settings(R"({"ledger_scope":"batchd_key"})");  // the same rows, asked for again
    for (int night = 0; night < 3; ++night) {
        bench.drop("nightly", articles(2));
        ASSERT_EQ(bench.run_once(), 0);
    }
    for (const char* name : {"nightly", "nightly.2", "nightly.3"})
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(2)) << name;
    EXPECT_EQ(bench.database().count("jobs WHERE name = 'nightly' AND state = 'done'"), 3U);
}

TEST_F(InboxTest, ARejectedNameAgainOverwritesNothingEither) {
    bench.drop("bad", "one\n");
    EXPECT_EQ(bench.run_once(), 1);
    bench.drop("bad", "two\n");
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(slurp(bench.rejected() / "bad/input.jsonl"), "one\n");
    EXPECT_EQ(slurp(bench.rejected() / "bad.2/input.jsonl"), "two\n");
}

TEST_F(InboxTest, TheSameNameAgainWhileTheFirstIsInFlightIsFineToo) {
    bench.provider().change_settings(R"({"in_progress":3600,"ledger_scope":"batchd_key"})");
    bench.start();
    bench.drop("nightly", articles(2));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.drop("nightly", articles(3));
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("batches WHERE batch_id <> ''") == 2; }));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    const std::size_t sizes =
        bench.published("nightly").output.size() + bench.published("nightly.2").output.size();
    EXPECT_EQ(sizes, 5U);
}

TEST_F(InboxTest, WhatIsNoRegularFileIsNeverOpened) {
    const Path secret = bench.root() / "secret";
    ASSERT_TRUE(replace_file(secret, articles(1)));
    const OpenWatch watch(secret);
    std::filesystem::create_symlink(secret, bench.inbox() / "link.jsonl");
    std::filesystem::create_symlink("/nowhere", bench.inbox() / "dangling.jsonl");
    ASSERT_EQ(mkfifo((bench.inbox() / "fifo.jsonl").c_str(), 0600), 0);
    std::filesystem::create_directory(bench.inbox() / "directory.jsonl");
    bench.drop("good", articles(1));
    EXPECT_EQ(bench.run_once(), 0);  // the FIFO would have held it up for ever
    EXPECT_FALSE(watch.was_opened());
    for (const char* name : {"link", "dangling", "fifo", "directory"}) {
        EXPECT_TRUE(std::filesystem::is_symlink(bench.inbox() / (std::string(name) + ".jsonl")) ||
                    std::filesystem::exists(bench.inbox() / (std::string(name) + ".jsonl")));
        EXPECT_TRUE(bench.database().has_event("file_left_alone", std::string(name) + ".jsonl")) << name;
    }
    EXPECT_EQ(bench.database().count("jobs"), 1U);
}

TEST_F(InboxTest, HiddenTemporaryAndForeignNamesAreLeftAlone) {
    const std::vector<std::string> names{".hidden.jsonl",     "backup.jsonl~", "upload.jsonl.tmp",
                                         "upload.jsonl.part", "x.jsonl.swp",   "notes.txt",
                                         "data.json",         "UPPER.JSONL"};
    for (const std::string& name : names) ASSERT_TRUE(replace_file(bench.inbox() / name, articles(1)));
    bench.drop("good", articles(1));
    EXPECT_EQ(bench.run_once(), 0);
    for (const std::string& name : names) EXPECT_TRUE(std::filesystem::exists(bench.inbox() / name)) << name;
    EXPECT_EQ(bench.database().count("jobs"), 1U);
    EXPECT_TRUE(bench.database().has_event("file_left_alone", "notes.txt"));
}

TEST_F(InboxTest, AStrangerIsMentionedOnceHoweverOftenTheInboxIsScanned) {
    bench.set("spool.scan_interval", "\"100ms\"");
    std::filesystem::create_symlink("/nowhere", bench.inbox() / "link.jsonl");
    bench.start();
    // Files that have to stand still are taken by scans; each of them means one scan more.
    for (int round = 1; round <= 3; ++round) {
        const std::string name = "found-" + std::to_string(round);
        const Path elsewhere = bench.root() / "elsewhere.jsonl";
        ASSERT_TRUE(replace_file(elsewhere, articles(1)));
        bench.expect_input(name, articles(1));
        std::filesystem::create_hard_link(elsewhere, bench.inbox() / (name + ".jsonl"));
        std::filesystem::remove(elsewhere);
        ASSERT_TRUE(bench.wait_for_jobs(static_cast<std::size_t>(round)));
    }
    EXPECT_EQ(bench.database().count("events WHERE kind = 'file_left_alone'"), 1U);
}

TEST_F(InboxTest, OfTwoDaemonsOnOneInboxTheSecondIsToldAndEnds) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    const Path configuration = bench.root() / "second.toml";
    const std::string state = bench.state().string();
    std::string text = slurp(bench.configuration_file());
    text.replace(text.find(state), state.size(), state + "-2");
    ASSERT_TRUE(replace_file(configuration, text));
    DaemonProcess second({.arguments = {"--config", configuration.string(), "run"},
                          .environment = {},
                          .output = bench.root() / "second-stdout",
                          .errors = bench.root() / "second-stderr"});
    EXPECT_EQ(second.wait_for_exit(kDeadline), 1);
    const std::string complaint = slurp(bench.root() / "second-stderr");
    EXPECT_NE(complaint.find("(pid " + std::to_string(bench.daemon().pid()) + ")"), std::string::npos)
        << complaint;
    EXPECT_NE(complaint.find(bench.inbox().string()), std::string::npos) << complaint;
    bench.drop("articles", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(InboxTest, WhatIsLeftAloneIsInTheDatabaseWithARemedyWhileItLiesThere) {
    ASSERT_TRUE(replace_file(bench.inbox() / "NIGHTLY.JSONL", articles(1)));
    bench.start();
    const std::string condition =
        "conditions WHERE kind = 'left_alone' AND about = 'extension' AND files = 1";
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count(condition) == 1; }));
    EXPECT_EQ(bench.database().value("SELECT remedy FROM conditions"), "rename to NAME.jsonl");
    std::filesystem::rename(bench.inbox() / "NIGHTLY.JSONL", bench.inbox() / "nightly.jsonl");
    bench.expect_input("nightly", articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count(condition) == 0; }));
}

TEST_F(InboxTest, HostileNamesComeThroughAsTheyAre) {
    const Ids names{"two\nlines", "quote's \"double\" $(touch x)", "-rf", "%s%n", "..dots", "b\xffyte",
                    "trailing "};
    for (const std::string& name : names) bench.drop(name, articles(1));
    // "..dots" is hidden, and stays.
    EXPECT_EQ(bench.run_once(), 0);
    for (const std::string& name : names)
        EXPECT_EQ(std::filesystem::exists(bench.outbox() / name / "output.jsonl"), name != "..dots") << name;
    EXPECT_EQ(bench.log().find("two\nlines"), std::string::npos);
}

}  // namespace
}  // namespace batchd::testing
