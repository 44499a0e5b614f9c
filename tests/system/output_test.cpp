#include <algorithm>
#include <csignal>

#include <fcntl.h>
#include <unistd.h>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// Standard output that can't be written: a script must not take what is missing for all there is.
class OutputTest : public SystemTest {
protected:
    /// The exit code with standard output on a device that is always full.
    int run_on_a_full_disk(std::vector<std::string> arguments) {
        DaemonCommand command = shell.command(std::move(arguments));
        command.output = "/dev/full";
        return run(command);
    }
    int run(const DaemonCommand& command) {
        std::filesystem::remove(command.errors);
        DaemonProcess process(command);
        const auto code = process.wait_for_exit(kDeadline);
        shell.errors = slurp(command.errors);
        return code.value_or(-1);
    }
    std::size_t sentences() const {
        return static_cast<std::size_t>(std::count(shell.errors.begin(), shell.errors.end(), '\n'));
    }
    std::string request_file() {
        bench.write_configuration();
        const Path file = bench.root() / "articles.jsonl";
        EXPECT_TRUE(replace_file(file, articles(2)));
        return file.string();
    }

    Shell shell{bench};
};

TEST_F(OutputTest, WhatCouldNotBeWrittenIsNoSuccess) {
    const std::string file = request_file();
    bench.drop("done", articles(2));
    ASSERT_EQ(bench.run_once(), 0);
    for (const std::vector<std::string>& command :
         std::vector<std::vector<std::string>>{{"check", file},
                                               {"check", "--json", file},
                                               {"config"},
                                               {"status"},
                                               {"status", "--json"},
                                               {"status", "--watch", "--json"},
                                               {"wait", "--json", "1"},
                                               {"cost", "--json"},
                                               {"queues"},
                                               {"events"},
                                               {"recover"},
                                               {"--help"}}) {
        EXPECT_EQ(run_on_a_full_disk(command), 1) << command.front();
        EXPECT_TRUE(shell.complains("No space left on device")) << command.front() << ": " << shell.errors;
        EXPECT_EQ(sentences(), 1U) << command.front() << ": " << shell.errors;
    }
}

TEST_F(OutputTest, AnotherExitCodeStays) {
    bench.write_configuration();
    const Path bad = bench.root() / "bad.jsonl";
    ASSERT_TRUE(replace_file(bad, "no request\n"));
    EXPECT_EQ(run_on_a_full_disk({"check", bad.string()}), 1);
    EXPECT_TRUE(shell.complains("could be written")) << shell.errors;
    EXPECT_EQ(run_on_a_full_disk({"stauts"}), 2);
}

TEST_F(OutputTest, WhatIsSubmittedIsNoFailureThoughItCanNotBeSaid) {
    const std::string file = request_file();
    bench.expect_input("articles", articles(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    EXPECT_EQ(run_on_a_full_disk({"submit", file}), 0) << "who takes it for a failure pays twice";
    EXPECT_TRUE(shell.complains("could be written")) << shell.errors;
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(OutputTest, AReaderThatHasSeenEnoughMayGo) {
    bench.write_configuration();
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    UniqueFd reader(ends[0]);
    const UniqueFd writer(ends[1]);
    DaemonCommand command = shell.command({"config"});
    command.output = "/proc/self/fd/" + std::to_string(writer.get());
    reader.reset();
    // As under a shell, and as under programs that ignore the signal.
    EXPECT_EQ(run(command), 128 + SIGPIPE);
    EXPECT_EQ(shell.errors, "");
    command.begin = [] { ::signal(SIGPIPE, SIG_IGN); };
    EXPECT_EQ(run(command), 0);
    EXPECT_EQ(shell.errors, "");
}

}  // namespace
}  // namespace batchd::testing
