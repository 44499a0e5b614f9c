#include "hooks/run_command.hpp"

#include <csignal>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/run.hpp"
#include "support/temp_dir.hpp"

namespace batchd::hooks {
namespace {

using namespace std::chrono_literals;

/// Real programs, in real time: only what hangs is ended by a deadline.
struct RunCommandTest : ::testing::Test {
    CommandOutcome shell(const std::string& script, Millis timeout = 1min) {
        CommandToRun run;
        run.command = {"/bin/sh", "-c", script, "sh", out().string()};
        run.input = "{\"type\":\"done\"}\n";
        run.variables = {"BATCHD_JOB=12"};
        run.timeout = timeout;
        return testing::run(context, run_command(std::move(run), *clock));
    }
    Path out() const { return dir.path() / "out"; }
    /// The kernel has sent the signal; the process goes as soon as it is its turn.
    static bool goes(pid_t pid) {
        const auto deadline = std::chrono::steady_clock::now() + 1min;
        while (!is_gone(pid) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        return is_gone(pid);
    }
    /// It is gone, or is only waited for by its parent.
    static bool is_gone(pid_t pid) {
        std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
        std::string line;
        std::getline(stat, line);
        const std::size_t end = line.rfind(')');
        return end == std::string::npos || line.at(end + 2) == 'Z' || line.at(end + 2) == 'X';
    }

    boost::asio::io_context context{1};
    std::unique_ptr<Clock> clock = make_system_clock();
    testing::TempDir dir;
};

TEST_F(RunCommandTest, GetsTheEventAndItsVariables) {
    const auto outcome = shell("cat >$1; echo $BATCHD_JOB >>$1");
    EXPECT_EQ(outcome.end, CommandEnd::succeeded) << outcome.text;
    EXPECT_EQ(testing::slurp(out()), "{\"type\":\"done\"}\n12\n");
}

TEST_F(RunCommandTest, WhatItsVariablesDoNotNameIsInherited) {
    setenv("BATCHD_CONFIG", "/etc/elsewhere.toml", 1);
    setenv("BATCHD_JOB", "of another hook", 1);
    EXPECT_EQ(shell("echo $BATCHD_CONFIG $BATCHD_JOB >$1").end, CommandEnd::succeeded);
    unsetenv("BATCHD_CONFIG");
    unsetenv("BATCHD_JOB");
    EXPECT_EQ(testing::slurp(out()), "/etc/elsewhere.toml 12\n");
}

TEST_F(RunCommandTest, ItsExitStatusIsTold) {
    const auto outcome = shell("exit 3");
    EXPECT_EQ(outcome.end, CommandEnd::failed);
    EXPECT_TRUE(outcome.text.starts_with("exit status 3 after ")) << outcome.text;
    EXPECT_TRUE(shell("kill -9 $$").text.starts_with("killed by signal 9"));
}

TEST_F(RunCommandTest, OneThatIsNotThereIsTold) {
    CommandToRun run;
    run.command = {"/nowhere/load-answers"};
    run.timeout = 1min;
    const auto outcome = testing::run(context, run_command(std::move(run), *clock));
    EXPECT_EQ(outcome.end, CommandEnd::failed);
    EXPECT_NE(outcome.text.find("/nowhere/load-answers: No such file"), std::string::npos) << outcome.text;
}

TEST_F(RunCommandTest, ArgumentsAreAsTheyStand) {
    CommandToRun run;
    run.command = {"/bin/sh",       "-c", "printf '%s\\n' \"$@\" >$0", out().string(), "$HOME",
                   "a b; rm -rf x", "*"};
    run.timeout = 1min;
    EXPECT_EQ(testing::run(context, run_command(std::move(run), *clock)).end, CommandEnd::succeeded);
    EXPECT_EQ(testing::slurp(out()), "$HOME\na b; rm -rf x\n*\n");
}

TEST_F(RunCommandTest, AtItsTimeTheWholeGroupIsEnded) {
    const auto outcome = shell("sleep 1000 & echo $! >$1; sleep 1000", 1s);
    EXPECT_EQ(outcome.end, CommandEnd::timed_out);
    EXPECT_NE(outcome.text.find("ended after 1s, which is its timeout"), std::string::npos) << outcome.text;
    EXPECT_TRUE(goes(std::stoi(testing::slurp(out()))));
}

TEST_F(RunCommandTest, WhatItLeavesBehindEndsWithIt) {
    const auto outcome = shell("sleep 1000 & echo $! >$1; exit 0");
    EXPECT_EQ(outcome.end, CommandEnd::succeeded);
    EXPECT_TRUE(goes(std::stoi(testing::slurp(out()))));
}

TEST_F(RunCommandTest, WhatItHasStartedInASessionOfItsOwnEndsWithIt) {
    // It has nothing of the group any more, and its parent is gone before it.
    const std::string apart =
        "(setsid sh -c 'echo $$ >$0; exec sleep 1000' $1 &); until test -s $1; do :; done; ";
    EXPECT_EQ(shell(apart + "exit 0").end, CommandEnd::succeeded);
    EXPECT_TRUE(goes(std::stoi(testing::slurp(out()))));
    std::filesystem::remove(out());
    EXPECT_EQ(shell(apart + "exec sleep 1000", 1s).end, CommandEnd::timed_out);
    EXPECT_TRUE(goes(std::stoi(testing::slurp(out()))));
}

/// Keeps a process from being waited for by its parent, as what stands still in the kernel is not: its end is
/// told to the tracer first, which does not listen. False where that is not allowed here.
class Tracer {
public:
    bool hold(pid_t pid) {
        int ends[2];
        if (::pipe(ends) != 0) return false;
        tracer_ = ::fork();
        if (tracer_ == 0) {
            const char held = ::ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0 ? 'y' : 'n';
            (void)!::write(ends[1], &held, 1);
            for (;;) ::pause();
        }
        char held = 'n';
        (void)!::read(ends[0], &held, 1);
        ::close(ends[0]);
        ::close(ends[1]);
        return held == 'y';
    }
    ~Tracer() {
        if (tracer_ <= 0) return;
        ::kill(tracer_, SIGKILL);
        ::waitpid(tracer_, nullptr, 0);
    }

private:
    pid_t tracer_ = -1;
};

TEST_F(RunCommandTest, OneThatCanNotBeKilledHoldsUpNobody) {
    Tracer tracer;
    bool is_held = false;
    std::thread holder([&] {
        const auto deadline = std::chrono::steady_clock::now() + 1min;
        pid_t pid = 0;
        while (pid == 0 && std::chrono::steady_clock::now() < deadline) {
            std::ifstream file(out());
            std::string line;
            // Whole only with the end of its line.
            if (std::getline(file, line) && !file.eof()) pid = std::stoi(line);
            std::this_thread::yield();
        }
        is_held = pid > 0 && tracer.hold(pid);
        std::ofstream(dir.path() / "held").close();
    });
    // Its time begins with its start; it waits until it is held, and is there when that is over.
    const auto outcome =
        shell("echo $$ >$1; while ! test -e ${1%out}held; do sleep 0.01; done; sleep 1000", 2s);
    holder.join();
    if (!is_held) GTEST_SKIP() << "no process may be traced here";
    EXPECT_EQ(outcome.end, CommandEnd::timed_out);
    EXPECT_NE(outcome.text.find("even when it is killed"), std::string::npos) << outcome.text;
}

}  // namespace
}  // namespace batchd::hooks
