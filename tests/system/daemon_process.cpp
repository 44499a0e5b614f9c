#include "system/daemon_process.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace batchd::testing {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A look opens the database, which takes a millisecond or two; what does not come at once is looked for less
// often.
constexpr Millis kLookEvery{10};
constexpr Millis kLookLaterEvery{50};
constexpr Millis kAtOnce{500};
constexpr int kCannotExec = 127;

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts) all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> environment_of(const DaemonCommand& command) {
    std::vector<std::string> all{"PATH=/usr/bin:/bin", "TZ=UTC"};
    for (const char* name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
        if (const char* value = std::getenv(name)) all.push_back(std::string(name) + "=" + value);
    for (const auto& [name, value] : command.environment) all.push_back(name + "=" + value);
    return all;
}

UniqueFd open_log(const Path& path) {
    UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (!fd) throw std::system_error(errno, std::generic_category(), path.string());
    return fd;
}

/// Between fork and exec, in a process with other threads: system calls only.
[[noreturn]] void become(char* const* arguments, char* const* environment, int output, int errors) {
    dup2(output, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    close_range(3, ~0U, 0);  // the provider's sockets are not ours to keep open
    execve(arguments[0], arguments, environment);
    _exit(kCannotExec);
}

int exit_code(int status) {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Path built_daemon() {
    return BATCHD_BINARY;
}

pid_t spawn(const DaemonCommand& command) {
    std::vector<std::string> words{command.program.string()};
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    std::vector<std::string> variables = environment_of(command);
    const std::vector<char*> arguments = pointers(words);
    const std::vector<char*> environment = pointers(variables);
    const UniqueFd output = open_log(command.output);
    const UniqueFd errors = open_log(command.errors);
    const pid_t pid = fork();
    if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
    if (pid > 0) return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that is killed leaves nobody behind
    if (command.begin) command.begin();
    become(arguments.data(), environment.data(), output.get(), errors.get());
}

DaemonProcess::DaemonProcess(const DaemonCommand& command) : pid_(spawn(command)) {
    pidfd_.reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
    if (!pidfd_) throw std::system_error(errno, std::generic_category(), "pidfd_open");
}

DaemonProcess::~DaemonProcess() {
    kill();
}

void DaemonProcess::send(int signal) const {
    if (!status_) ::kill(pid_, signal);
}

bool DaemonProcess::catches(int signal) const {
    std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("SigCgt:"))
            return (std::stoull(line.substr(line.find('\t')), nullptr, 16) >> (signal - 1) & 1U) != 0;
    return false;
}

void DaemonProcess::kill() {
    send(SIGKILL);
    ends_within(Millis(-1));
}

bool DaemonProcess::ends_within(Millis longest) {
    if (status_) return true;
    pollfd end{.fd = pidfd_.get(), .events = POLLIN, .revents = 0};
    if (poll(&end, 1, static_cast<int>(longest.count())) <= 0) return false;
    int status = 0;
    if (waitpid(pid_, &status, 0) == pid_) status_ = status;
    return true;
}

std::optional<int> DaemonProcess::wait_for_exit(Millis deadline) {
    if (!ends_within(deadline)) return std::nullopt;
    return exit_code(*status_);
}

bool DaemonProcess::wait_until(const std::function<bool()>& condition, Millis deadline) {
    const auto begin = SteadyClock::now();
    for (;;) {
        const auto waited = SteadyClock::now() - begin;
        const bool was_last = status_.has_value() || waited >= deadline;
        if (condition()) return true;
        if (was_last) return false;
        ends_within(waited < kAtOnce ? kLookEvery : kLookLaterEvery);
    }
}

}  // namespace batchd::testing
