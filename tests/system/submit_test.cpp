#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

namespace json = boost::json;

/// `batchd submit`, `wait` and `events`, as a script calls them.
class SubmitTest : public SystemTest {
protected:
    static constexpr const char* kSlow = R"({"in_progress":3600,"cancelling":0})";

    /// A file beside the inbox, and what will have been dropped as `job`.
    std::string file(const std::string& name, const std::string& job, const std::string& content) {
        const Path path = bench.root() / name;
        EXPECT_TRUE(replace_file(path, content));
        bench.expect_input(job, content);
        return path.string();
    }
    void start() {
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("started"));
    }
    std::size_t files_in_inbox() const {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator(bench.inbox()), {}));
    }
    json::array jobs() const { return json::parse(shell.output).as_object().at("jobs").as_array(); }

    Shell shell{bench};
};

TEST_F(SubmitTest, PrintsTheNumberOfTheJobAndNothingElse) {
    start();
    EXPECT_EQ(shell.run({"submit", file("articles.jsonl", "articles", articles(3))}), 0) << shell.errors;
    EXPECT_EQ(shell.output, "1\n");
    EXPECT_EQ(shell.errors, "");
    EXPECT_EQ(shell.run({"wait", "1"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("job 1 (articles) done: " + (bench.outbox() / "articles").string()))
        << shell.output;
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(3));
}

TEST_F(SubmitTest, AFileOfAnyNameIsSubmittedUnderItsOwnOrAnother) {
    start();
    EXPECT_EQ(shell.run({"submit", file("list.txt", "list.txt", articles(1)),
                         file(".hidden.jsonl", "hidden", articles(2)), "--wait"}),
              0)
        << shell.errors;
    // In the order of the files; which of them is taken first is up to the daemon.
    EXPECT_TRUE(shell.output == "1\n2\n" || shell.output == "2\n1\n") << shell.output;
    EXPECT_EQ(shell.run({"submit", file("x", "other", articles(1)), "--name", "other.jsonl", "--json"}), 0);
    EXPECT_EQ(jobs().at(0).at("id").as_int64(), 3);
    EXPECT_EQ(jobs().at(0).at("name").as_string(), "other");
    EXPECT_EQ(jobs().at(0).at("queue").as_string(), "default");
    EXPECT_EQ(jobs().at(0).at("file").as_string(), (bench.root() / "x").string());
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("list.txt").output.size(), 1U);
    EXPECT_EQ(bench.published("hidden").output.size(), 2U);
}

TEST_F(SubmitTest, ANameThatExistsIsNoError) {
    bench.provider().change_settings(R"({"ledger_scope":"batchd_key"})");  // the same rows, asked for again
    start();
    const std::string path = file("articles.jsonl", "articles", articles(1));
    bench.expect_input("articles", articles(1));
    EXPECT_EQ(shell.run({"submit", path, "--wait"}), 0) << shell.errors;
    EXPECT_EQ(shell.run({"submit", path, "--wait"}), 0) << shell.errors;
    EXPECT_EQ(shell.output, "2\n");
    EXPECT_TRUE(std::filesystem::exists(bench.outbox() / "articles.2"));
}

TEST_F(SubmitTest, WithoutADaemonItIsCopiedAndSaid) {
    bench.set("spool.settle_time", "\"0s\"");
    start();
    EXPECT_EQ(bench.stop(), 0);
    const std::string path = file("articles.jsonl", "articles", articles(1));
    EXPECT_EQ(shell.run({"submit", path}), 0) << shell.errors;
    EXPECT_EQ(shell.output, "");
    EXPECT_TRUE(shell.complains("articles.jsonl is in the inbox; the daemon does not run")) << shell.errors;
    bench.expect_input("articles.2", articles(1));
    EXPECT_EQ(shell.run({"submit", path, "--json"}), 0) << shell.errors;
    EXPECT_TRUE(jobs().at(0).at("id").is_null());
    EXPECT_EQ(jobs().at(0).at("name").as_string(), "articles.2") << "the first is still there, and stays";
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'done'"), 2U);
}

TEST_F(SubmitTest, EitherAllFilesAreSubmittedOrNone) {
    start();
    const std::string good = (bench.root() / "good.jsonl").string();
    EXPECT_TRUE(replace_file(good, articles(1)));
    const std::size_t before = files_in_inbox();
    EXPECT_EQ(shell.run({"submit", good, "/nowhere/bad.jsonl"}), 1);
    EXPECT_TRUE(shell.complains("/nowhere/bad.jsonl")) << shell.errors;
    EXPECT_EQ(shell.run({"submit", good, bench.root().string()}), 1);
    EXPECT_EQ(files_in_inbox(), before);
    EXPECT_EQ(bench.database().count("jobs"), 0U);
}

TEST_F(SubmitTest, WhereOneGetsNoNameThoseBeforeItAreTakenBack) {
    start();
    EXPECT_EQ(bench.stop(), 0);
    const std::string good = (bench.root() / "good.jsonl").string();
    const std::string nameless = (bench.root() / std::string(252, 'x')).string();  // too long with .jsonl
    for (const std::string& path : {good, nameless}) std::ofstream(path) << articles(1);
    EXPECT_EQ(shell.run({"submit", good, nameless}), 1);
    EXPECT_TRUE(shell.complains("nothing is submitted")) << shell.errors;
    EXPECT_EQ(files_in_inbox(), 0U);
}

TEST_F(SubmitTest, WhatAKilledOneHasLeftIsRemovedAndWhatIsBeingWrittenIsNot) {
    bench.set("spool.scan_interval", "\"100ms\"");
    start();
    const Path pipe = bench.root() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const UniqueFd writer = open_file(pipe, O_RDWR).value();  // without an end: it waits for more
    DaemonProcess submit(shell.command({"submit", pipe.string()}));
    ASSERT_TRUE(bench.wait_until([&] { return files_in_inbox() == 1; }));
    bench.drop("other", articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(1)) << "the inbox is read many times meanwhile";
    EXPECT_EQ(files_in_inbox(), 1U);
    submit.kill();
    EXPECT_TRUE(bench.wait_until([&] { return files_in_inbox() == 0; }));
}

TEST_F(SubmitTest, WrongUsageEndsWithTwoAndAQueueThatIsNotThereWithOne) {
    start();
    const std::string path = (bench.root() / "a.jsonl").string();
    EXPECT_TRUE(replace_file(path, articles(1)));
    EXPECT_EQ(shell.run({"submit"}), 2);
    EXPECT_EQ(shell.run({"submit", path, "--name", "a/b"}), 2);
    EXPECT_EQ(shell.run({"submit", path, "--name", ""}), 2);
    EXPECT_EQ(shell.run({"submit", path, "--name", "..."}), 2);
    EXPECT_EQ(shell.run({"submit", path, path, "--name", "a"}), 2);
    EXPECT_EQ(shell.run({"submit", path, "--queue", "nightly"}), 1);
    EXPECT_TRUE(shell.complains("there is no queue nightly")) << shell.errors;
    EXPECT_EQ(bench.database().count("jobs"), 0U);
}

TEST_F(SubmitTest, WhoWaitsIsToldHowItEnded) {
    bench.provider().change_settings(kSlow);
    start();
    EXPECT_EQ(shell.run({"submit", file("slow.jsonl", "slow", articles(1))}), 0);
    EXPECT_EQ(shell.run({"submit", file("bad.jsonl", "bad", "no JSON\n"), "--wait", "--json"}), 1);
    EXPECT_EQ(jobs().at(0).at("state").as_string(), "rejected");
    EXPECT_EQ(jobs().at(0).at("folder").as_string(), (bench.rejected() / "bad").string());
    EXPECT_FALSE(jobs().at(0).at("reason").is_null());
    EXPECT_EQ(shell.run({"wait", "slow", "--timeout", "10ms"}), 3);
    EXPECT_TRUE(shell.complains(" (slow) is running still")) << shell.errors;
    EXPECT_EQ(shell.run({"wait", "bad", "slow", "--timeout", "10ms", "--json"}), 3);
    EXPECT_EQ(jobs().size(), 2U);
    EXPECT_TRUE(jobs().at(1).at("folder").is_null());
    EXPECT_EQ(shell.run({"wait", "bad"}), 1);
    EXPECT_EQ(shell.run({"wait", "bad", "none"}), 1);
    EXPECT_TRUE(shell.complains("there is no job none")) << shell.errors;
    EXPECT_EQ(shell.run({"wait", "bad", "--timeout", "soon"}), 2);
}

TEST_F(SubmitTest, AWaitSurvivesARestartOfTheDaemon) {
    bench.provider().change_settings(kSlow);
    start();
    EXPECT_EQ(shell.run({"submit", file("articles.jsonl", "articles", articles(2))}), 0);
    DaemonProcess waiting(shell.command({"wait", "articles", "--json"}));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("batches WHERE status = 'in_progress'") == 1; }));
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_TRUE(waiting.runs());
    bench.provider().advance_clock(std::chrono::hours(2));
    start();
    EXPECT_EQ(waiting.wait_for_exit(kDeadline), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(2));
}

TEST_F(SubmitTest, EventsAreShownAsTheyAreAndAsTheyCome) {
    start();
    EXPECT_EQ(shell.run({"submit", file("one.jsonl", "one", articles(1)), "--wait"}), 0) << shell.errors;
    DaemonProcess following(shell.command({"events", "-f", "--json"}));
    const auto followed = [&](const std::string& text) {
        return bench.wait_until(
            [&] { return slurp(bench.root() / "shell-stdout").find(text) != std::string::npos; });
    };
    EXPECT_TRUE(followed("\"kind\":\"job_delivered\""));
    EXPECT_EQ(bench.stop(), 0);
    start();
    bench.drop("two", articles(1));
    EXPECT_TRUE(followed("\"job\":\"two\""));
    following.kill();
    ASSERT_TRUE(bench.wait_for_jobs(2));

    EXPECT_EQ(shell.run({"events", "one"}), 0);
    EXPECT_TRUE(shell.says("Z  job_claimed job=one: ")) << shell.output;
    EXPECT_FALSE(shell.says("job=two")) << shell.output;
    EXPECT_EQ(shell.run({"events", "--since", "2100-01-01"}), 0);
    EXPECT_EQ(shell.output, "");
    EXPECT_EQ(shell.run({"events", "--since", "1h", "--json"}), 0);
    const auto first = json::parse(shell.output.substr(0, shell.output.find('\n'))).as_object();
    for (const char* key : {"id", "at", "kind", "job_id", "job", "queue", "batch", "user", "detail"})
        EXPECT_TRUE(first.contains(key)) << key;
    EXPECT_EQ(shell.run({"events", "--since", "yesterday"}), 2);
    EXPECT_EQ(shell.run({"events", "none"}), 1);
}

/// As somebody in the group 1, to whom the inbox is given.
class SubmitAsNobodyTest : public SubmitTest {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
        ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
        ASSERT_EQ(::chown(bench.inbox().c_str(), 0, 1), 0);
        ASSERT_EQ(::chmod(bench.inbox().c_str(), 02770), 0);
        start();
        ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
        path = file("articles.jsonl", "articles", articles(1));
        ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    }
    std::string path;
};

TEST_F(SubmitAsNobodyTest, WhoMayNotLookAtTheStateSubmitsAndIsToldSo) {
    ASSERT_EQ(::chmod(bench.state().c_str(), 0700), 0);
    EXPECT_EQ(shell.run_as_nobody({"submit", path, "--wait"}, 1), 1) << "nobody could say when it has ended";
    EXPECT_TRUE(shell.complains("nothing is submitted: ")) << shell.errors;
    EXPECT_EQ(files_in_inbox(), 0U);
    EXPECT_EQ(shell.run_as_nobody({"submit", path, "--json"}, 1), 0) << "it is in, and would be paid twice";
    EXPECT_TRUE(jobs().at(0).at("id").is_null());
    EXPECT_TRUE(shell.complains("articles.jsonl is in the inbox; its number is not known: ")) << shell.errors;
    EXPECT_FALSE(shell.complains("does not run")) << shell.errors;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(shell.run_as_nobody({"cancel", "articles"}, 1), 1);
    EXPECT_FALSE(shell.complains("does not run")) << shell.errors;
}

TEST_F(SubmitAsNobodyTest, WhoIsInTheGroupOfTheInboxSubmitsAndReads) {
    EXPECT_EQ(shell.run_as_nobody({"submit", path}), 1);
    EXPECT_TRUE(shell.complains("adduser")) << shell.errors;
    EXPECT_EQ(shell.run_as_nobody({"submit", path, "--wait"}, 1), 0) << shell.errors;
    EXPECT_EQ(shell.output, "1\n");
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(1));
}

}  // namespace
}  // namespace batchd::testing
