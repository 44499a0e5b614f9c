#include "hooks/orphans.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/disk/fd.hpp"

namespace batchd::hooks {
namespace {

/// How long one that is killed may take to go, in milliseconds: it goes at once, or not at all.
constexpr int kOrphanKilledMax = 1000;
/// What forks faster than it is killed is left to the service manager.
constexpr int kRoundsMax = 100;

/// Of each of our threads: an orphan comes to any of them.
std::vector<pid_t> children() {
    std::vector<pid_t> all;
    std::error_code ec;
    for (std::filesystem::directory_iterator task("/proc/self/task", ec), end; !ec && task != end;
         task.increment(ec)) {
        std::ifstream file(task->path() / "children");
        for (pid_t pid = 0; file >> pid;) all.push_back(pid);
    }
    return all;
}

enum class Bears { mark, something_else, nothing };

/// Nothing: it has ended, or is just in its exec(3), where it has no environment for a moment.
Bears look_at(pid_t pid, std::string_view mark) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/environ", std::ios::binary);
    // Another user's is not shown.
    if (!file) return Bears::something_else;
    bool is_empty = true;
    for (std::string variable; std::getline(file, variable, '\0'); is_empty = false)
        if (variable == mark) return Bears::mark;
    return is_empty ? Bears::nothing : Bears::something_else;
}

bool is_program(pid_t pid) {
    return ::getpgid(pid) == pid && ::getsid(pid) == ::getsid(0);
}

/// True when it is gone.
bool end(pid_t pid) {
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    ::kill(pid, SIGKILL);
    pollfd ended{pidfd.get(), POLLIN, 0};
    if (pidfd) ::poll(&ended, 1, kOrphanKilledMax);
    return ::waitpid(pid, nullptr, WNOHANG) == pid;
}

}  // namespace

void adopt_orphans() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void end_orphans(std::string_view mark) {
    bool is_over = false;
    for (int round = 0; round < kRoundsMax && !is_over; ++round) {
        is_over = true;
        for (const pid_t child : children()) {
            const Bears bears = look_at(child, mark);
            if (bears == Bears::mark) {
                // Its own children come to us now.
                if (end(child)) is_over = false;
            } else if (!is_program(child)) {
                const bool has_ended = ::waitpid(child, nullptr, WNOHANG) == child;
                if (bears != Bears::nothing || has_ended) continue;
                // It gets on with its exec(3) meanwhile.
                is_over = false;
                ::poll(nullptr, 0, 1);
            }
        }
    }
}

}  // namespace batchd::hooks
