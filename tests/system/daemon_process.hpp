#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/disk/fd.hpp"
#include "base/disk/file.hpp"
#include "base/units.hpp"

namespace batchd::testing {

/// The binary that was built with the tests.
Path built_daemon();

/// How to start the binary under test. The environment is what is given here and nothing else, but for what
/// sanitizers read.
struct DaemonCommand {
    Path program = built_daemon();
    std::vector<std::string> arguments;
    std::map<std::string, std::string> environment;
    Path output, errors;  ///< files that standard output and standard error are appended to
    /// Runs in the new process as its first act, where only system calls are allowed.
    std::function<void()> begin{};
};

/// Starts the binary; its process id, to be waited for by the caller. Throws std::system_error when there can
/// be no new process; a program that can't be run ends with 127.
pid_t spawn(const DaemonCommand& command);

/// One run of the binary `batchd`. A run that is still going on when it is destroyed is killed.
class DaemonProcess {
public:
    /// Throws std::system_error when it can't be started.
    explicit DaemonProcess(const DaemonCommand& command);
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;
    ~DaemonProcess();

    pid_t pid() const { return pid_; }
    bool runs() const { return !status_; }
    void send(int signal) const;
    /// Whether a handler of its own is there for the signal: before, one would end it on the spot.
    bool catches(int signal) const;
    /// The exit code, or 128 + N for an end by signal N; nothing when it still runs after `deadline`.
    std::optional<int> wait_for_exit(Millis deadline);
    /// SIGKILL, and waits for the end.
    void kill();
    /// Looks at `condition` every few milliseconds. False when it does not hold by `deadline`, or when the
    /// process has ended and it does not hold then.
    bool wait_until(const std::function<bool()>& condition, Millis deadline);

private:
    /// Waits up to `longest` for the process to end; true when it has.
    bool ends_within(Millis longest);

    pid_t pid_ = -1;
    UniqueFd pidfd_;
    std::optional<int> status_;  // once it has ended
};

}  // namespace batchd::testing
