#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "server/client.hpp"
#include "server/socket/unix_listener.hpp"
#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// The control socket of a daemon that runs, and the commands with and without it.
class ControlTest : public SystemTest {
protected:
    /// The head and the body of the answer to a request.
    std::pair<std::string, boost::json::object> ask(const std::string& method, const std::string& path,
                                                    const std::string& body = {}) {
        auto client = server::Client::at(bench.control_socket());
        EXPECT_TRUE(client.send(method + " " + path +
                                " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                                std::to_string(body.size()) + "\r\n\r\n" + body));
        const std::string answer = client.read_to_end();
        const auto end = answer.find("\r\n\r\n");
        if (end == std::string::npos) return {answer, {}};
        return {answer.substr(0, answer.find("\r\n")),
                boost::json::parse(answer.substr(end + 4)).as_object()};
    }
    static std::string code_of(const boost::json::object& answer) {
        return std::string(answer.at("error").at("code").as_string());
    }
    std::string me() const { return ::getpwuid(::getuid())->pw_name; }

    Shell shell{bench};
};

TEST_F(ControlTest, ACommandOverTheSocketIsDoneAndTheEventNamesTheUser) {
    start_with_a_batch_in_progress();
    const auto [head, answer] = ask("POST", "/v1/jobs/1/cancel");
    EXPECT_EQ(head, "HTTP/1.1 200 OK");
    EXPECT_TRUE(answer.at("ok").as_bool());
    EXPECT_TRUE(answer.at("result").as_string().starts_with("job 1 (articles) is being cancelled")) << answer;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "cancelled");
    EXPECT_EQ(bench.database().value("SELECT user FROM events WHERE kind = 'command'"), me());
    EXPECT_EQ(bench.database().value("SELECT user FROM commands"), me());
    EXPECT_TRUE(bench.database().has_event("command", "cancel by " + me() + ": job 1"));
}

TEST_F(ControlTest, WhatCanNotBeDoneIsRefusedWithASentence) {
    start_with_a_batch_in_progress();
    for (const char* verb : {"retry", "abandon", "resend"}) {
        const auto [head, answer] = ask("POST", std::string("/v1/jobs/1/") + verb);
        EXPECT_EQ(head, "HTTP/1.1 409 Conflict") << verb;
        EXPECT_FALSE(answer.at("ok").as_bool());
        EXPECT_EQ(code_of(answer), "refused");
        EXPECT_EQ(answer.at("error").at("message"), answer.at("result"));
    }
    EXPECT_EQ(ask("POST", "/v1/jobs/1/adopt", R"({"batch_id": "batch_x"})").first, "HTTP/1.1 409 Conflict");
    EXPECT_EQ(bench.database().value("SELECT argument FROM commands WHERE verb = 'adopt'"), "batch_x");
}

TEST_F(ControlTest, WhatIsNotUnderstoodAsksForNothing) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(code_of(ask("POST", "/v1/jobs/7/cancel").second), "not_found");
    EXPECT_EQ(code_of(ask("POST", "/v1/jobs/1/fly").second), "not_found");
    EXPECT_EQ(code_of(ask("GET", "/v1/jobs/1/cancel").second), "method_not_allowed");
    EXPECT_EQ(code_of(ask("POST", "/v1/jobs/1/adopt", "batch_1").second), "bad_request");
    EXPECT_EQ(code_of(ask("POST", "/v1/jobs/1/cancel", std::string(20'000, 'x')).second), "too_large");
    EXPECT_EQ(bench.database().count("commands"), 0U);
    EXPECT_EQ(bench.job_state("articles"), "running");
}

TEST_F(ControlTest, ClientsThatSendNonsenseOrNothingKeepNobodyWaiting) {
    start_with_a_batch_in_progress();
    std::vector<server::Client> crowd;
    for (int i = 0; i < 200; ++i) {
        crowd.push_back(server::Client::at(bench.control_socket()));
        crowd.back().send_without_waiting(i % 3 == 0   ? std::string(100'000, '\n')
                                          : i % 3 == 1 ? "POST /v1/jobs/1/can"
                                                       : "");
    }
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0) << shell.errors;
    EXPECT_TRUE(bench.daemon().runs());
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.stop(), 0);
}

TEST_F(ControlTest, WhoIsInTheGroupCancelsWithoutWritingToTheDatabase) {
    const group* const daemons = ::getgrnam("daemon");
    if (::geteuid() != 0 || daemons == nullptr) GTEST_SKIP() << "only root can be somebody else";
    bench.set("control.group", "\"daemon\"");
    ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
    start_with_a_batch_in_progress();
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    EXPECT_EQ(shell.run_as_nobody({"cancel", "articles"}), 1);
    EXPECT_TRUE(shell.complains("nor is there a way by the control socket: ")) << shell.errors;
    EXPECT_EQ(shell.run_as_nobody({"cancel", "articles"}, daemons->gr_gid), 0) << shell.errors;
    EXPECT_TRUE(shell.says("job 1 (articles) is being cancelled")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().value("SELECT user FROM events WHERE kind = 'command'"), "nobody");
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_EQ(shell.run_as_nobody({"retry", "articles"}, daemons->gr_gid), 1);
    EXPECT_TRUE(shell.complains("the daemon does not run")) << shell.errors;
}

TEST_F(ControlTest, WhoMayNotReadTheStateIsToldWhyAndOfTheSocket) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
    start_with_a_batch_in_progress();
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    // A group that the system knows, so that it is looked up between the failure and its sentence.
    ASSERT_EQ(::chown(bench.state().c_str(), 0, 1), 0);
    ASSERT_EQ(::chmod((bench.state() / "batchd.db").c_str(), 0600), 0);
    EXPECT_EQ(shell.run_as_nobody({"status"}), 1);
    EXPECT_TRUE(shell.complains("you are not in the group")) << shell.errors;
    EXPECT_TRUE(shell.complains("Permission denied")) << shell.errors;
    EXPECT_EQ(shell.run_as_nobody({"cancel", "articles"}), 1);
    EXPECT_TRUE(shell.complains("nor is there a way by the control socket: ")) << shell.errors;
}

TEST_F(ControlTest, WhoMayUseTheSocketNeedNotBeAbleToReadTheState) {
    const group* const daemons = ::getgrnam("daemon");
    if (::geteuid() != 0 || daemons == nullptr) GTEST_SKIP() << "only root can be somebody else";
    bench.set("control.group", "\"daemon\"");
    bench.set("queue.nightly.schedule", "\"@yearly\"");
    ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
    start_with_a_batch_in_progress();
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    ASSERT_EQ(::chmod(bench.state().c_str(), 0700), 0);
    const auto run = [&](std::vector<std::string> arguments) {
        return shell.run_as_nobody(std::move(arguments), daemons->gr_gid);
    };
    EXPECT_EQ(run({"release", "nightly"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("nothing waits in nightly")) << shell.output;
    EXPECT_EQ(run({"retry", "1"}), 1);
    EXPECT_TRUE(shell.complains("job 1 (articles) has not ended yet")) << shell.errors;
    EXPECT_EQ(run({"cancel", "77"}), 1);
    EXPECT_TRUE(shell.complains("there is no job 77")) << shell.errors;
    EXPECT_EQ(run({"cancel", "articles"}), 1);
    EXPECT_TRUE(shell.complains("say which job by its number")) << shell.errors;
    EXPECT_EQ(run({"cancel", "1"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("job 1 (articles) is being cancelled")) << shell.output;
    ASSERT_EQ(::chmod(bench.state().c_str(), 0755), 0);
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(ControlTest, ACommandThatIsMeantForAnotherDaemonIsRefused) {
    const group* const daemons = ::getgrnam("daemon");
    if (::geteuid() != 0 || daemons == nullptr) GTEST_SKIP() << "only root can be somebody else";
    bench.set("control.group", "\"daemon\"");
    ASSERT_EQ(::chmod(bench.root().c_str(), 0755), 0);
    start_with_a_batch_in_progress();
    // One with a state that nobody but its daemon may look at, and which does not run.
    const Path other = bench.root() / "other";
    ASSERT_EQ(::mkdir(other.c_str(), 0700), 0);
    bench.set("state.directory", "\"" + (other / "state").string() + "\"");
    bench.write_configuration();
    ASSERT_EQ(::chmod(bench.configuration_file().c_str(), 0644), 0);
    EXPECT_EQ(shell.run_as_nobody({"cancel", "1"}, daemons->gr_gid), 1);
    EXPECT_TRUE(shell.complains("the daemon behind this socket works on ")) << shell.errors;
    EXPECT_EQ(bench.job_state("articles"), "running");
}

TEST_F(ControlTest, WhatIsAskedWhileItDoesNotRunBearsTheNameToo) {
    start_with_a_batch_in_progress();
    EXPECT_EQ(bench.stop(), 0);
    EXPECT_FALSE(std::filesystem::exists(bench.control_socket()));
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0);
    EXPECT_TRUE(shell.says("will do it when it starts")) << shell.output;
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().value("SELECT user FROM events WHERE kind = 'command'"), me());
}

TEST_F(ControlTest, TheSocketOfADaemonThatWasKilledIsReplaced) {
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.daemon().kill();
    EXPECT_TRUE(std::filesystem::exists(bench.control_socket()));
    start_with_a_batch_in_progress();
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0) << shell.errors;
    EXPECT_EQ(bench.database().count("commands WHERE user IS NOT NULL AND ok = 1"), 1U);
}

TEST_F(ControlTest, ASocketThatIsTakenIsSaidAndNothingIsStarted) {
    const auto taken = server::UnixListener::open(bench.control_socket(), std::nullopt);
    ASSERT_TRUE(taken);
    EXPECT_EQ(bench.run({"run"}), 1);
    EXPECT_NE(bench.log().find("control.socket: " + bench.control_socket().string() +
                               " is taken by another process (pid " + std::to_string(::getpid()) + ")"),
              std::string::npos)
        << bench.log();
}

TEST_F(ControlTest, TheSocketOfAnotherDaemonIsNotAsked) {
    start_with_a_batch_in_progress();
    // Its jobs have the same numbers.
    std::filesystem::remove(bench.control_socket());
    auto other = server::UnixListener::open(bench.control_socket(), std::nullopt);
    ASSERT_TRUE(other);
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0) << shell.errors;
    EXPECT_TRUE(shell.says("job 1 (articles) is being cancelled")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(ControlTest, AGroupThatDoesNotExistOrAPathThatIsTooLongIsAMistakeOfTheConfiguration) {
    bench.set("control.group", "\"no-such-group\"");
    EXPECT_EQ(bench.run({"run"}), 78);
    EXPECT_NE(bench.log().find("control.group is \"no-such-group\": there is no such group"),
              std::string::npos)
        << bench.log();
    EXPECT_EQ(bench.run({"config"}), 78);
    bench.unset("control.group");
    bench.set("control.socket", "\"/" + std::string(107, 'x') + "\"");
    EXPECT_EQ(bench.run({"run"}), 78);
    EXPECT_NE(bench.log().find("at most 107 bytes"), std::string::npos) << bench.log();
}

}  // namespace
}  // namespace batchd::testing
