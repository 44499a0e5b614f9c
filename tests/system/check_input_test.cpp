#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

namespace fs = std::filesystem;

/// What `batchd check` reads: whatever `submit` takes.
class CheckInputTest : public SystemTest {
protected:
    CheckInputTest() {
        bench.write_configuration();
        fs::create_directory(temporary);
        EXPECT_TRUE(replace_file(file, articles(5)));
    }
    /// With standard input from `input`, as a shell gives it.
    int check(const std::string& name, int input) {
        DaemonCommand command = shell.command({"check", name});
        command.environment["TMPDIR"] = temporary.string();
        command.begin = [input] { ::dup2(input, STDIN_FILENO); };
        fs::remove(command.output);
        fs::remove(command.errors);
        DaemonProcess process(command);
        const auto code = process.wait_for_exit(kDeadline);
        shell.output = slurp(command.output);
        shell.errors = slurp(command.errors);
        return code.value_or(-1);
    }
    /// A pipe with all of the file in it, whose writer has gone.
    UniqueFd pipe_of_the_file() const {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        const UniqueFd writer(ends[1]);
        EXPECT_TRUE(write_all(writer.get(), articles(5)));
        return UniqueFd(ends[0]);
    }
    /// Whether the process holds a file of the temporary folder in which something is.
    bool holds_a_copy(pid_t pid) const {
        std::error_code gone;
        const Path held = "/proc/" + std::to_string(pid) + "/fd";
        for (fs::directory_iterator it(held, gone), end; !gone && it != end; it.increment(gone)) {
            std::error_code closed;
            struct stat status{};
            const std::string target = fs::read_symlink(it->path(), closed).string();
            if (target.starts_with(temporary.string()) && ::stat(it->path().c_str(), &status) == 0 &&
                status.st_size > 0)
                return true;
        }
        return false;
    }

    Shell shell{bench};
    const Path temporary = bench.root() / "temporary";
    const Path file = bench.root() / "articles.jsonl";
};

TEST_F(CheckInputTest, FollowsALink) {
    const Path link = bench.root() / "link.jsonl";
    fs::create_symlink(file, link);
    EXPECT_EQ(shell.run({"check", link.string()}), 0) << shell.errors;
    EXPECT_TRUE(shell.says(link.string() + ": fine")) << shell.output;
    fs::create_symlink("nothing", bench.root() / "dangling.jsonl");
    EXPECT_EQ(shell.run({"check", (bench.root() / "dangling.jsonl").string()}), 1);
    EXPECT_TRUE(shell.says("No such file or directory")) << shell.output;
}

TEST_F(CheckInputTest, TakesStandardInputByItsNameAFileOrAPipe) {
    const auto opened = open_file(file, O_RDONLY);
    ASSERT_TRUE(opened);
    EXPECT_EQ(check("/dev/stdin", opened->get()), 0) << shell.output;
    EXPECT_TRUE(shell.says("/dev/stdin: fine")) << shell.output;
    const UniqueFd pipe = pipe_of_the_file();
    EXPECT_EQ(check("/dev/stdin", pipe.get()), 0) << shell.output;
    EXPECT_TRUE(shell.says("/dev/stdin: fine")) << shell.output;
    EXPECT_TRUE(shell.says("5 requests")) << shell.output;
    EXPECT_FALSE(shell.says(".jsonl")) << "a stream has no name to warn of: " << shell.output;
}

TEST_F(CheckInputTest, TakesWhatAProcessSubstitutionGives) {
    const UniqueFd pipe = pipe_of_the_file();
    EXPECT_EQ(check("/dev/fd/0", pipe.get()), 0) << shell.output;
    EXPECT_TRUE(shell.says("/dev/fd/0: fine")) << shell.output;
    EXPECT_TRUE(shell.says("5 requests")) << shell.output;
}

TEST_F(CheckInputTest, NothingIsLeftOfStandardInputWhateverEndsIt) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd reader(ends[0]), writer(ends[1]);
    DaemonCommand command = shell.command({"check", "-"});
    command.environment["TMPDIR"] = temporary.string();
    command.begin = [input = reader.get()] { ::dup2(input, STDIN_FILENO); };
    DaemonProcess process(command);
    ASSERT_TRUE(write_all(writer.get(), articles(5)));
    ASSERT_TRUE(process.wait_until([&] { return holds_a_copy(process.pid()); }, kDeadline));
    process.send(SIGTERM);
    EXPECT_EQ(process.wait_for_exit(kDeadline), 128 + SIGTERM);
    EXPECT_TRUE(fs::is_empty(temporary));
}

}  // namespace
}  // namespace batchd::testing
