#include <algorithm>
#include <csignal>
#include <fstream>
#include <set>

#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "support/scripted_server.hpp"
#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// A daemon that tells a real receiver, and one whose commands are run by `batchd hooks`.
class NotifyTest : public SystemTest {
protected:
    static constexpr const char* kPath = "/services/T00/secret-of-the-address";

    /// A receiver that takes everything, over as many connections as come.
    std::unique_ptr<ScriptedServer> receiver(const std::string& answers = answer(200, "ok")) {
        const Script script = [answers](Peer& peer) {
            while (!peer.read_request().empty()) peer.send(answers);
        };
        return std::make_unique<ScriptedServer>(std::vector<Script>(100, script));
    }
    void configure(const std::string& name, const std::string& kind, std::uint16_t port) {
        const Path file = bench.root() / (name + ".url");
        std::ofstream(file) << "http://127.0.0.1:" << port << kPath << "\n";
        bench.set("notify." + name + ".kind", "\"" + kind + "\"");
        bench.set("notify." + name + ".url_file", "\"" + file.string() + "\"");
        bench.set("notify." + name + ".on", "[\"all\"]");
    }
    /// A command that notes the job and its standard input, then does `more`.
    void configure_command(const std::string& more = "true") {
        bench.set("notify.next.kind", "\"command\"");
        bench.set("notify.next.on", "[\"done\"]");
        bench.set("notify.next.command", "[\"/bin/sh\", \"-c\", \"echo $BATCHD_JOB $BATCHD_NAME >>" +
                                             ran().string() + "; cat >>" + ran().string() + "; " + more +
                                             "\"]");
    }
    Path ran() const { return bench.root() / "ran"; }
    std::size_t runs() const {
        std::ifstream file(ran());
        std::size_t count = 0;
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("{")) ++count;
        return count;
    }
    /// The names of the jobs for which the command ran.
    std::vector<std::string> names_run() const {
        std::ifstream file(ran());
        std::vector<std::string> names;
        for (std::string line; std::getline(file, line);)
            if (!line.starts_with("{")) names.push_back(line.substr(line.find(' ') + 1));
        return names;
    }
    /// A job that is lost with its database, which is no loss of answers here.
    void drop_apart(const std::string& name) {
        const Path made = bench.root() / (name + ".jsonl");
        std::ofstream(made) << articles(1);
        std::filesystem::rename(made, bench.inbox() / (name + ".jsonl"));
    }
    /// One after the other, each until its command has run.
    void run_jobs(const std::vector<std::string>& names, bool will_be_lost = false) {
        for (const std::string& name : names) {
            const std::size_t before = runs();
            if (will_be_lost)
                drop_apart(name);
            else
                bench.drop(name, articles(1));
            ASSERT_TRUE(bench.wait_until([&] { return runs() > before; })) << name << "\n" << bench.log();
        }
    }
    /// Not before the next second: a notice has the second in which it became true. And not before what was
    /// delivered is gone from work/, for a start without a database refuses to leave out what is there.
    void lose_database() {
        const auto last = parse_utc_text(bench.database().value("SELECT max(at) FROM notices"));
        ASSERT_TRUE(bench.wait_until([&] {
            return make_system_clock()->now() >= *last + 1s &&
                   std::filesystem::is_empty(bench.state() / "work");
        }));
        bench.daemon().kill();
        bench.lose_database();
    }
    DaemonCommand hooks_command() const {
        return shell.command({"hooks", "--state", (bench.root() / "hooks").string()});
    }
    static std::string id_of(const std::string& request) {
        const std::size_t at = request.find("webhook-id: ");
        return at == std::string::npos ? "" : request.substr(at + 12, request.find('\r', at) - at - 12);
    }
    bool holds_secret(const std::string& text) const {
        return text.find("secret-of-the-address") != std::string::npos;
    }

    Shell shell{bench};
};

TEST_F(NotifyTest, AWebhookHearsOfEachJobAndNeitherLogNorDatabaseHasItsAddress) {
    const auto server = receiver();
    configure("hook", "webhook", server->port());
    bench.drop("articles", articles(3));
    bench.drop("broken", "no json\n");
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    ASSERT_TRUE(bench.wait_until([&] { return server->requests().size() >= 2; }));
    std::string all;
    for (const std::string& request : server->requests()) all += request;
    EXPECT_NE(all.find(R"("type":"done")"), std::string::npos) << all;
    EXPECT_NE(all.find(R"("type":"rejected")"), std::string::npos) << all;
    EXPECT_NE(all.find(R"("name":"articles")"), std::string::npos) << all;
    EXPECT_FALSE(holds_secret(bench.log()));
    EXPECT_FALSE(holds_secret(slurp(bench.state() / "batchd.db")));
}

TEST_F(NotifyTest, KilledAtAnyTimeItTellsEachNoticeAtLeastOnceWithItsOwnId) {
    const auto server = receiver();
    configure("hook", "webhook", server->port());
    for (int i = 0; i < 6; ++i) bench.drop("articles" + std::to_string(i), articles(1));
    for (std::size_t jobs = 1; jobs <= 6; ++jobs) {
        bench.start();
        ASSERT_TRUE(bench.wait_for_jobs(jobs));
        bench.daemon().kill();
    }
    bench.start();
    const std::size_t notices = static_cast<std::size_t>(bench.database().count("notices"));
    EXPECT_GE(notices, 6U);
    std::vector<std::string> firsts;
    const auto heard_all = [&] {
        firsts.clear();
        for (const std::string& request : server->requests())
            if (std::find(firsts.begin(), firsts.end(), id_of(request)) == firsts.end())
                firsts.push_back(id_of(request));
        return firsts.size() >= notices;
    };
    ASSERT_TRUE(bench.wait_until(heard_all));
    std::string in_order;
    for (const std::string& id : firsts) in_order += id + ",";
    EXPECT_EQ(in_order, bench.database().value("SELECT group_concat(key, ',') || ',' FROM"
                                               " (SELECT key FROM notices ORDER BY id)"));
}

TEST_F(NotifyTest, ATestShowsWhatCameBack) {
    const auto good = receiver(), bad = receiver(answer(403, "invalid_token"));
    configure("good", "slack", good->port());
    configure("bad", "slack", bad->port());
    bench.write_configuration();
    EXPECT_EQ(shell.run({"notify", "test", "good"}), 0) << "without a daemon: " << shell.errors;
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    EXPECT_EQ(shell.run({"notify", "test", "good"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("notify.good: it answered 200: ok")) << shell.output;
    EXPECT_EQ(good->requests().size(), 2U);
    EXPECT_EQ(shell.run({"notify", "test", "bad"}), 1);
    EXPECT_TRUE(shell.complains("notify.bad: it answered 403: invalid_token")) << shell.errors;
    EXPECT_EQ(shell.run({"notify", "test", "nobody"}), 1);
    EXPECT_TRUE(shell.complains("there is no [notify.nobody]")) << shell.errors;
}

TEST_F(NotifyTest, ASingleRunTellsHowItEnded) {
    const auto server = receiver();
    configure("ops", "slack", server->port());
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 0);
    ASSERT_EQ(server->requests().size(), 1U);
    EXPECT_NE(server->requests()[0].find("articles is done (job 1)"), std::string::npos);
}

TEST_F(NotifyTest, AStopDoesNotWaitForTheNextMessageAndLeavesNothingBehind) {
    const auto server = receiver();
    const Path metrics = bench.root() / "batchd.prom";
    configure("ops", "slack", server->port());
    bench.set("metrics.textfile", "\"" + metrics.string() + "\"");
    bench.start();
    bench.drop("first", "no json\n");
    ASSERT_TRUE(bench.wait_until([&] { return server->requests().size() == 1; }));
    bench.drop("second", "no json\n");  // told when the minute is over
    ASSERT_TRUE(bench.wait_for_jobs(2));
    ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::exists(metrics); }));
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_TRUE(bench.database().has_event("stopped"));
    EXPECT_FALSE(std::filesystem::exists(bench.control_socket()));
    EXPECT_FALSE(std::filesystem::exists(metrics)) << "it would say that the daemon runs";
    EXPECT_EQ(server->requests().size(), 1U);
}

TEST_F(NotifyTest, ACommandRunsForEachJobAndItsEndIsAnEvent) {
    configure_command();
    bench.drop("articles", articles(1));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const DaemonProcess hooks(hooks_command());  // after the job: it begins with the configuration
    ASSERT_TRUE(bench.wait_for_event("hook_run", "exit status 0"));
    EXPECT_EQ(runs(), 1U);
    EXPECT_TRUE(slurp(ran()).starts_with("1 articles\n{\"type\":\"done\",")) << slurp(ran());
    bench.drop("more", articles(1));
    ASSERT_TRUE(bench.wait_until([&] { return runs() == 2; }));
}

TEST_F(NotifyTest, OneThatFailsIsTriedThreeTimesInAll) {
    configure_command("exit 3");
    bench.drop("articles", articles(1));
    bench.start();
    const DaemonProcess hooks(hooks_command());
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'hook_failed'") == 3; }));
    EXPECT_TRUE(bench.database().has_event("hook_failed", "exit status 3"));
    bench.drop("more", articles(1));
    ASSERT_TRUE(bench.wait_until([&] { return runs() == 4; })) << "and then it is the next one's turn";
}

TEST_F(NotifyTest, OneThatIsEndedAtItsTimeIsTriedOnce) {
    configure_command("sleep 1000");
    bench.set("notify.next.timeout", "\"1s\"");
    bench.drop("articles", articles(1));
    bench.start();
    const DaemonProcess hooks(hooks_command());
    ASSERT_TRUE(bench.wait_for_event("hook_failed", "which is its timeout"));
    bench.drop("more", articles(1));
    ASSERT_TRUE(bench.wait_until([&] { return runs() == 2; }));
}

TEST_F(NotifyTest, KilledWhileACommandRunsItIsRunOnceMore) {
    const Path gate = bench.root() / "gate";
    configure_command("while ! test -e " + gate.string() + "; do sleep 0.05; done");
    bench.drop("articles", articles(1));
    bench.start();
    {
        DaemonProcess hooks(hooks_command());
        ASSERT_TRUE(bench.wait_until([&] { return runs() == 1; }));
        hooks.kill();
    }
    std::ofstream(gate).close();
    DaemonProcess hooks(hooks_command());
    ASSERT_TRUE(bench.wait_for_event("hook_run"));
    EXPECT_EQ(runs(), 2U);
    hooks.send(SIGTERM);
    EXPECT_EQ(hooks.wait_for_exit(kDeadline), 0);
}

TEST_F(NotifyTest, AnOlderCopyOfTheDatabaseRunsNoCommandAgain) {
    configure_command();
    bench.start();
    const DaemonProcess hooks(hooks_command());
    run_jobs({"k1", "k2"});
    bench.daemon().kill();
    bench.copy_database();
    bench.start();
    run_jobs({"k3", "k4"}, true);
    lose_database();
    bench.put_database_copy_back();
    bench.start();
    run_jobs({"k5", "k6", "k7"});
    EXPECT_EQ(names_run(), (std::vector<std::string>{"k1", "k2", "k3", "k4", "k5", "k6", "k7"}));
}

TEST_F(NotifyTest, ADatabaseThatWasMadeAnewRunsEachCommandOfItsOwn) {
    configure_command();
    bench.start();
    DaemonProcess hooks(hooks_command());
    run_jobs({"k1", "k2"}, true);
    hooks.kill();  // it comes back when there are more notices than it has seen
    lose_database();
    bench.start();
    for (const char* const name : {"k3", "k4", "k5"}) bench.drop(name, articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(3));
    const DaemonProcess again(hooks_command());
    ASSERT_TRUE(bench.wait_until([&] { return runs() == 5; })) << slurp(ran());
}

TEST_F(NotifyTest, ACommandThatWasOutOfTheConfigurationIsToldFromItsReturnOn) {
    configure_command();
    bench.start();
    const auto reload = [&] {
        const std::string readings = "events WHERE kind = 'configuration' AND detail LIKE 'read again%'";
        const std::size_t before = bench.database().count(readings);
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
        return bench.wait_until([&] { return bench.database().count(readings) > before; });
    };
    {
        DaemonProcess hooks(hooks_command());
        run_jobs({"k1"});
        hooks.kill();
    }
    for (const char* const key : {"kind", "on", "command"}) bench.unset("notify.next." + std::string(key));
    ASSERT_TRUE(reload());
    bench.drop("meanwhile", articles(1));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    configure_command();
    ASSERT_TRUE(reload());
    ASSERT_TRUE(bench.wait_until([&] { return bench.database().count("targets") == 1; }));
    const DaemonProcess again(hooks_command());
    run_jobs({"k2"});
    EXPECT_EQ(names_run(), (std::vector<std::string>{"k1", "k2"}));
}

TEST_F(NotifyTest, WithoutACommandInTheConfigurationThereIsNothingToRun) {
    bench.write_configuration();
    EXPECT_EQ(shell.run({"hooks", "--state", (bench.root() / "hooks").string()}), 78);
    EXPECT_TRUE(shell.complains("kind = \"command\"")) << shell.errors;
}

}  // namespace
}  // namespace batchd::testing
