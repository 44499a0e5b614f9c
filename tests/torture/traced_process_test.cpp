#include "torture/traced_process.hpp"

#include <cerrno>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::torture {
namespace {

using testing::TempDir;

/// Only ends what hangs.
constexpr Millis kLongest = std::chrono::minutes(10);

class TracedProcessTest : public ::testing::Test {
protected:
    void SetUp() override {
        if (const std::string why = why_not_traceable(); !why.empty()) GTEST_SKIP() << why;
    }
    /// A shell at work in the temporary directory.
    testing::DaemonCommand shell(const std::string& script) const {
        testing::DaemonCommand command;
        command.program = "/bin/sh";
        command.arguments = {"-c", "cd " + directory_.path().string() + " && " + script};
        command.output = command.errors = directory_.path() / "log";
        return command;
    }
    bool exists(const char* name) const { return std::filesystem::exists(directory_.path() / name); }
    std::string path(const char* name) const { return (directory_.path() / name).string(); }

    TempDir directory_;
};

/// Does one thing to the calls on one path.
class OnPath final : public Observer {
public:
    OnPath(std::string path, Effect effect, Order order)
        : path_(std::move(path)), effect_(effect), order_(order) {}
    Order before(const Call& call) override {
        if (call.what->effect != effect_ || call.target != path_) return {};
        ++seen;
        return order_;
    }
    Order after(const Call&, std::int64_t answer) override {
        answers.push_back(answer);
        return {};
    }
    unsigned seen = 0;
    std::vector<std::int64_t> answers;

private:
    std::string path_;
    Effect effect_;
    Order order_;
};

TEST_F(TracedProcessTest, AProcessThatIsOnlyWatchedEndsAsItWould) {
    OnPath nothing("", Effect::write, {});
    EXPECT_EQ(run_traced(shell("exit 3"), all_effects(), nothing, kLongest).exit_code, 3);
}

TEST_F(TracedProcessTest, ACallThatIsAnsweredByAKillIsNotMade) {
    OnPath kill(path("b"), Effect::open, {Order::Kind::kill});
    const Ending ending = run_traced(shell(": >a; : >b; : >c"), all_effects(), kill, kLongest);
    EXPECT_TRUE(exists("a"));
    EXPECT_FALSE(exists("b"));
    EXPECT_EQ(kill.seen, 1U);
    EXPECT_TRUE(ending.was_killed);
}

TEST_F(TracedProcessTest, ACallThatIsToFailAnswersItsErrorAndIsNotMade) {
    OnPath fail(path("b"), Effect::make_directory, {Order::Kind::fail, ENOSPC});
    run_traced(shell("mkdir b; mkdir c"), all_effects(), fail, kLongest);
    EXPECT_FALSE(exists("b"));
    EXPECT_TRUE(exists("c"));
    EXPECT_NE(testing::slurp(directory_.path() / "log").find("No space left"), std::string::npos);
}

TEST_F(TracedProcessTest, TheAnswerOfAWatchedCallIsSeen) {
    OnPath watch(path("log"), Effect::write, {Order::Kind::watch});
    run_traced(shell("echo four; echo fifth"), all_effects(), watch, kLongest);
    EXPECT_EQ(watch.answers, (std::vector<std::int64_t>{5, 6}));
}

TEST_F(TracedProcessTest, AProcessThatDoesNotEndIsKilledAtTheDeadline) {
    OnPath nothing("", Effect::write, {});
    EXPECT_TRUE(run_traced(shell("while :; do :; done"), all_effects(), nothing, Millis(50)).was_late);
}

}  // namespace
}  // namespace batchd::torture
