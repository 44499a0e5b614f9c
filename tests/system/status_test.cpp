#include <csignal>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// `batchd status`, `cancel` and `retry`, with and without a daemon.
class StatusTest : public SystemTest {
protected:
    void execute_as_guest(const std::string& sql) {
        OpenWriter writer(bench.state() / "batchd.db");
        writer.execute(sql);
        writer.commit();
    }
    Shell shell{bench};
};

TEST_F(StatusTest, ShowsRunningAndEndedJobsWhileTheDaemonRuns) {
    start_with_a_batch_in_progress();
    bench.drop("bad", "not a request\n");
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("articles  running")) << shell.output;
    EXPECT_TRUE(shell.says("0/0/4")) << shell.output;
    EXPECT_TRUE(shell.says("<23h 59m") || shell.says("<1d")) << shell.output;
    EXPECT_TRUE(shell.says("line 1: ")) << shell.output;
    EXPECT_TRUE(shell.says("1 job running, 1 batch at the provider; the daemon runs (pid " +
                           std::to_string(bench.daemon().pid()) + ")"))
        << shell.output;
}

TEST_F(StatusTest, OfOneJobShowsItsBatchesAndEvents) {
    start_with_a_batch_in_progress();
    const std::string id = bench.database().value("SELECT batch_id FROM batches");
    for (const char* word : {"1", "articles"}) {
        EXPECT_EQ(shell.run({"status", word}), 0);
        EXPECT_TRUE(shell.says(id)) << shell.output;
        EXPECT_TRUE(shell.says("batch_created")) << shell.output;
    }
}

TEST_F(StatusTest, WorksWithoutADaemonAndWithoutAKey) {
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
    std::filesystem::remove(bench.key_file());
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("articles  done")) << shell.output;
    EXPECT_TRUE(shell.says("the daemon does not run")) << shell.output;
}

TEST_F(StatusTest, AsJsonIsOneObjectALine) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(shell.run({"status", "--json"}), 0);
    const auto all = boost::json::parse(shell.output).as_object();
    EXPECT_EQ(all.at("jobs").as_array().size(), 1U);
    EXPECT_EQ(shell.run({"status", "articles", "--json"}), 0);
    const auto one = boost::json::parse(shell.output).as_object();
    EXPECT_EQ(one.at("jobs").as_array().at(0).as_object().at("batches").as_array().size(), 1U);
    EXPECT_FALSE(one.at("jobs").as_array().at(0).as_object().at("events").as_array().empty());
}

TEST_F(StatusTest, AnyUserWhoMayReadTheDatabaseCanLook) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
    start_with_a_batch_in_progress();
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    const auto look = [&] {
        EXPECT_EQ(shell.run_as_nobody({"status"}), 0) << shell.errors;
        EXPECT_TRUE(shell.says("articles  running")) << shell.output;
    };
    look();
    EXPECT_TRUE(shell.says("the daemon runs")) << shell.output;
    EXPECT_EQ(shell.run_as_nobody({"cancel", "articles"}), 1);
    EXPECT_TRUE(shell.complains("as root or as the daemon's user")) << shell.errors;
    bench.daemon().kill();
    look();
    EXPECT_TRUE(shell.says("the daemon does not run")) << shell.output;
    bench.start();
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'started'") == 2; }));
    EXPECT_EQ(bench.stop(), 0);
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    look();
    EXPECT_EQ(bench.database().count("commands"), 0U);
}

TEST_F(StatusTest, WhereThereIsNoDatabaseOrItCanNotBeReadItSaysWhatToDo) {
    bench.write_configuration();
    EXPECT_EQ(shell.run({"status"}), 1);
    EXPECT_TRUE(shell.complains("no daemon has run with this configuration yet")) << shell.errors;
    EXPECT_EQ(shell.run({"cancel", "1"}), 1);
    EXPECT_FALSE(std::filesystem::exists(bench.state() / "batchd.db"));
    std::filesystem::create_directories(bench.state());
    ASSERT_TRUE(replace_file(bench.state() / "batchd.db", std::string(8192, 'x')));
    EXPECT_EQ(shell.run({"status"}), 65);
    for (const char* command : {"status", "cancel", "retry", "abandon", "resend"}) {
        EXPECT_EQ(shell.run({command, "1"}), 65) << command;
        EXPECT_TRUE(shell.complains("not a database")) << shell.errors;
        EXPECT_EQ(shell.errors.find("file is not a database"), shell.errors.rfind("file is not a database"))
            << shell.errors;
        EXPECT_TRUE(shell.complains("run `batchd recover`")) << shell.errors;
    }
    EXPECT_EQ(shell.run({"run"}), 65) << "the service does not start on it again and again";
    EXPECT_TRUE(shell.complains("run `batchd recover`")) << shell.errors;
    std::filesystem::remove_all(bench.state());
}

TEST_F(StatusTest, WhereTheDatabaseWasLostItSaysHowItComesBack) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(bench.stop(), 0);
    bench.lose_database();
    for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
             {"status"}, {"queues"}, {"events"}, {"cost"}, {"wait", "1"}, {"retry", "1"}, {"run"}}) {
        EXPECT_EQ(shell.run(command), 65) << command.front();
        EXPECT_TRUE(shell.complains("the database is lost")) << shell.errors;
        EXPECT_TRUE(shell.complains("run `batchd recover`")) << shell.errors;
    }
    EXPECT_FALSE(std::filesystem::exists(bench.state() / "batchd.db"));
    EXPECT_EQ(shell.run({"recover"}), 0) << shell.errors;
    bench.provider().advance_clock(std::chrono::hours(2));
    EXPECT_EQ(bench.run_once(), 0) << bench.log();
    EXPECT_EQ(shell.run({"status"}), 0) << shell.errors;
}

TEST_F(StatusTest, AWrongConfigurationOrUsageHasItsExitCode) {
    bench.set("poll.interval", "5");
    bench.write_configuration();
    for (const char* command : {"status", "cancel", "retry"})
        EXPECT_EQ(shell.run({command, "1"}), 78) << command;
    bench.set("poll.interval", "\"1s\"");
    bench.write_configuration();
    EXPECT_EQ(shell.run({"cancel"}), 2);
    EXPECT_EQ(shell.run({"retry"}), 2);
    EXPECT_EQ(shell.run({"status", "1", "2"}), 2);
    EXPECT_EQ(shell.run({"status", "--colour"}), 2);
}

TEST_F(StatusTest, WatchInAPipeShowsEachChangeAndEndsWithTheJob) {
    start_with_a_batch_in_progress();
    const Path out = bench.root() / "watch";
    DaemonProcess watch(
        {.arguments = {"--config", bench.configuration_file().string(), "status", "articles", "--watch"},
         .environment = {},
         .output = out,
         .errors = bench.root() / "watch-errors"});
    ASSERT_TRUE(watch.wait_until([&] { return slurp(out).find("running") != std::string::npos; }, kDeadline));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(watch.wait_for_exit(kDeadline), 0);
    const std::string seen = slurp(out);
    EXPECT_NE(seen.find("articles  done"), std::string::npos) << seen;
    EXPECT_EQ(seen.find('\033'), std::string::npos) << "no control codes in a pipe";
}

TEST_F(StatusTest, WatchOfAllGoesOnUntilItIsInterrupted) {
    start_with_a_batch_in_progress();
    const Path out = bench.root() / "watch";
    DaemonProcess watch(
        {.arguments = {"--config", bench.configuration_file().string(), "status", "--watch", "--json"},
         .environment = {},
         .output = out,
         .errors = bench.root() / "watch-errors"});
    ASSERT_TRUE(
        watch.wait_until([&] { return slurp(out).find("articles") != std::string::npos; }, kDeadline));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(watch.wait_until([&] { return slurp(out).find(R"("state":"done")") != std::string::npos; },
                                 kDeadline));
    watch.send(SIGINT);
    EXPECT_EQ(watch.wait_for_exit(kDeadline), 0);
    std::istringstream lines(slurp(out));
    for (std::string line; std::getline(lines, line);)
        EXPECT_TRUE(boost::json::parse(line).is_object()) << line;
}

TEST_F(StatusTest, InATerminalOfFortyColumnsNoLineIsWiderAndTheScreenComesBack) {
    start_with_a_batch_in_progress();
    const Path out = bench.root() / "terminal";
    ASSERT_TRUE(replace_file(out, ""));
    const std::string batchd = built_daemon().string() + " --config " + bench.configuration_file().string();
    DaemonProcess terminal(
        {.program = "/usr/bin/script",
         .arguments = {"-qefc",
                       "stty cols 40 rows 12; " + batchd + " status; " + batchd + " status articles --watch",
                       out.string()},
         .environment = {{"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}},
         .output = bench.root() / "terminal-out",
         .errors = bench.root() / "terminal-err"});
    ASSERT_TRUE(
        terminal.wait_until([&] { return slurp(out).find("\033[?1049h") != std::string::npos; }, kDeadline));
    bench.provider().advance_clock(std::chrono::hours(2));
    EXPECT_EQ(terminal.wait_for_exit(kDeadline), 0) << slurp(out);
    const std::string seen = slurp(out);
    EXPECT_NE(seen.find("\033[?25h\033[?1049l"), std::string::npos);
    EXPECT_NE(seen.find("done", seen.find("\033[?1049l")), std::string::npos) << "what was seen last stays";
    std::istringstream before(seen.substr(0, seen.find("\033[?1049h")));
    std::string line;
    std::getline(before, line);                                              // written by script(1)
    while (std::getline(before, line)) EXPECT_LE(line.size(), 41U) << line;  // with the CR
}

TEST_F(StatusTest, TheKeyQEndsAWatch) {
    start_with_a_batch_in_progress();
    const Path out = bench.root() / "terminal", keys = bench.root() / "keys";
    ASSERT_TRUE(replace_file(out, ""));
    ASSERT_EQ(::mkfifo(keys.c_str(), 0600), 0);
    const std::string watch =
        built_daemon().string() + " --config " + bench.configuration_file().string() + " status --watch";
    DaemonProcess terminal(
        {.program = "/bin/sh",
         .arguments = {"-c", "exec script -qefc '" + watch + "' " + out.string() + " <" + keys.string()},
         .environment = {{"PATH", "/usr/bin:/bin"}, {"TERM", "xterm"}},
         .output = bench.root() / "terminal-out",
         .errors = bench.root() / "terminal-err"});
    const UniqueFd pressed(::open(keys.c_str(), O_RDWR | O_CLOEXEC));
    ASSERT_TRUE(pressed);
    ASSERT_TRUE(
        terminal.wait_until([&] { return slurp(out).find("articles") != std::string::npos; }, kDeadline));
    ASSERT_EQ(::write(pressed.get(), "xq", 2), 2);
    EXPECT_EQ(terminal.wait_for_exit(kDeadline), 0);
    EXPECT_NE(slurp(out).find("\033[?25h\033[?1049l"), std::string::npos);
}

TEST_F(StatusTest, WhatFailedIsNoProgress) {
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("[#####xxxxx]  50%")) << shell.output;
    EXPECT_TRUE(shell.says(" 1/1/2 ")) << shell.output;
    EXPECT_FALSE(shell.says("100%")) << shell.output;
    EXPECT_TRUE(shell.says((bench.outbox() / "articles").string())) << shell.output;
    EXPECT_EQ(shell.run({"status", "articles"}), 0);
    EXPECT_TRUE(shell.says("\nFAILED  WHY")) << shell.output;
    EXPECT_TRUE(shell.says("\n     1  400 ")) << shell.output;
    EXPECT_TRUE(shell.says("  article_2\n")) << shell.output;
    EXPECT_EQ(shell.run({"status", "--json", "1"}), 0);
    const auto errors = boost::json::parse(shell.output).at("jobs").at(0).at("errors");
    EXPECT_EQ(errors.at("groups").at(0).at("examples").at(0).at("custom_id"), "article_2") << shell.output;
}

TEST_F(StatusTest, WhatIsWaitedForIsStillSaidAfterManyOtherEvents) {
    ASSERT_TRUE(replace_file(bench.key_file(), "sk-wrong-0123456789abcdef"));
    bench.drop("articles", articles(1));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "refuses the key"));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("conditions WHERE kind = 'provider_closed'") == 1; }));
    execute_as_guest(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        " INSERT INTO events (at, kind) SELECT '2026-11-22T00:00:00Z', 'job_claimed' FROM n");
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("; waiting: the provider refuses the key")) << shell.output;
    EXPECT_TRUE(shell.says("\nprovider_closed for ")) << shell.output;
    EXPECT_EQ(shell.run({"status", "--json"}), 0);
    const auto all = boost::json::parse(shell.output);
    EXPECT_TRUE(all.at("daemon").at("waits_for").is_string()) << shell.output;
    EXPECT_FALSE(all.at("providers").at(0).at("open").as_bool()) << shell.output;
    ASSERT_TRUE(replace_file(bench.key_file(), kApiKey));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("conditions") == 0; }));
}

TEST_F(StatusTest, WhereNothingIsHeldThereIsNothingToDecide) {
    start_with_a_batch_in_progress();
    for (const std::vector<std::string>& command : {std::vector<std::string>{"abandon", "articles"},
                                                    {"resend", "articles"},
                                                    {"adopt", "articles", "batch_1"}}) {
        EXPECT_EQ(shell.run(command), 1) << command[0];
        EXPECT_TRUE(shell.complains("job 1 (articles)")) << shell.errors;
    }
    EXPECT_EQ(bench.database().count("commands"), 0U);
}

TEST_F(StatusTest, CancelWaitsForTheDaemonsWord) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0);
    EXPECT_TRUE(shell.says("job 1 (articles) is being cancelled: 1 batch at the provider to be stopped"))
        << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(shell.run({"cancel", "articles"}), 1);
    EXPECT_TRUE(shell.complains("has ended as cancelled")) << shell.errors;
    EXPECT_EQ(bench.database().count("commands"), 1U) << "what can't be done is not asked for";
}

TEST_F(StatusTest, CancelOfAnUnknownJobChangesNothing) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(shell.run({"cancel", "nobody"}), 1);
    EXPECT_TRUE(shell.complains("there is no job nobody")) << shell.errors;
    EXPECT_EQ(shell.run({"cancel", "77"}), 1);
    EXPECT_EQ(shell.run({"status", "77"}), 1);
    EXPECT_EQ(bench.database().count("commands"), 0U);
}

TEST_F(StatusTest, CancelWithoutADaemonIsKeptForItsStart) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(shell.run({"cancel", "1"}), 0);
    EXPECT_TRUE(shell.says("the daemon does not run, and will do it when it starts")) << shell.output;
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
}

TEST_F(StatusTest, RetryMakesANewJobOrSaysThatThereIsNothingToRetry) {
    bench.set("batch.share", "false");  // the practice provider goes by the ids
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    bench.drop("articles", articles(3));
    bench.drop("good", articles(1));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    bench.provider().change_settings(R"({"rows":[]})");
    EXPECT_EQ(shell.run({"retry", "good"}), 1);
    EXPECT_TRUE(shell.complains("has no failed request; there is nothing to retry")) << shell.errors;
    EXPECT_EQ(shell.run({"retry", "articles"}), 0);
    EXPECT_TRUE(shell.says("sends 1 failed request of job")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(3));
    EXPECT_EQ(bench.published("articles.2").output_ids(), std::vector<std::string>{"article_2"});
    EXPECT_EQ(shell.run({"status", "articles.2"}), 0);
    EXPECT_TRUE(shell.says("sends the failed requests of job")) << shell.output;
}

TEST_F(StatusTest, NamesThatAreMeantToHarmAreShownHarmlessly) {
    const std::string name = "a\n\033[2J\u202Eb";
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0})");
    bench.drop(name, articles(1));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("a\\x0a\\x1b[2J\\xe2\\x80\\xaeb")) << shell.output;
    EXPECT_FALSE(shell.says("\033"));
    EXPECT_EQ(shell.run({"cancel", name}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("job 1 (a\\x0a\\x1b[2J\\xe2\\x80\\xaeb)")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

}  // namespace
}  // namespace batchd::testing
