#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/disk/fd.hpp"
#include "base/result.hpp"

namespace batchd::hooks {

/// A program that runs in a process group of its own. Destroyed before end(), the whole group is killed, and
/// waited for for a moment. What it has started is known by a variable of its environment,
/// BATCHD_HOOK_RUN, wherever it goes.
class Process {
public:
    /// Runs `command` (program and arguments, as they stand) with `input` on its standard input, and
    /// `variables` ("NAME=value") beside ours. What it writes goes where our output goes.
    /// Errors: errno, why it can't be run.
    static Result<Process> start(const std::vector<std::string>& command, std::string_view input,
                                 const std::vector<std::string>& variables);
    Process(Process&& other) noexcept;
    Process& operator=(Process&&) = delete;
    ~Process();

    /// Becomes readable when the program has ended, and perhaps before: has_ended() tells.
    int pidfd() const { return pidfd_.get(); }
    /// Without taking its status, which end() does. Does not wait, and leaves the status for end().
    bool has_ended() const;
    /// To all of its group.
    void signal(int number) const;
    /// Once the program has ended: ends what is left of its group, and what it has started in others. As
    /// waitpid() has the status.
    int end();
    /// Nobody waits for it any longer: what is in the kernel for ever, as behind a server of files that is
    /// gone, does not end when it is killed, and would hold up all others.
    void give_up() { pid_ = 0; }

private:
    /// It owns the child from here on.
    Process(pid_t pid, UniqueFd pidfd, std::string mark)
        : pid_(pid), pidfd_(std::move(pidfd)), mark_(std::move(mark)) {}

    pid_t pid_ = 0;  // 0: it is over
    UniqueFd pidfd_;
    std::string mark_;  // the variable, "NAME=value"
};

/// "exit status 3", "killed by signal 9".
std::string describe_status(int status);

}  // namespace batchd::hooks
