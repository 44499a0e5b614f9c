#include "hooks/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/disk/file.hpp"
#include "base/uuid.hpp"
#include "hooks/orphans.hpp"

namespace batchd::hooks {
namespace {

/// How long one that is killed may take to go, in milliseconds: it goes at once, or not at all.
constexpr int kKilledMax = 1000;

/// What execve() takes: pointers to texts that outlive it.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> out;
    for (std::string& text : texts) out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

/// Ours, with `variables` in the place of those of the same names: where BATCHD_CONFIG says which
/// configuration we have, a command that asks batchd something asks the same one.
std::vector<std::string> environment_with(const std::vector<std::string>& variables) {
    std::vector<std::string> all;
    for (char** each = environ; *each != nullptr; ++each) {
        const std::string_view inherited = *each;
        const std::string_view name = inherited.substr(0, inherited.find('=') + 1);
        const bool is_set = std::any_of(variables.begin(), variables.end(),
                                        [&](const std::string& own) { return own.starts_with(name); });
        if (!is_set) all.emplace_back(inherited);
    }
    all.insert(all.end(), variables.begin(), variables.end());
    return all;
}

/// A file without a name: a pipe would have to be fed while the program runs.
Result<UniqueFd> input_file(std::string_view input) {
    UniqueFd file(::memfd_create("batchd-hook", MFD_CLOEXEC));
    if (!file) return system_failure("memfd_create");
    if (auto written = write_all(file.get(), input); !written) return written.error();
    if (::lseek(file.get(), 0, SEEK_SET) != 0) return system_failure("lseek");
    return file;
}

/// In the child, where only what is safe in a signal handler may be called. Never returns.
[[noreturn]] void become(char* const* arguments, char* const* environment, int input, int failure,
                         pid_t parent) {
    ::setpgid(0, 0);
    // Where we are killed, so is the program: the next start runs it again, and it must not run twice at
    // once.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    sigemptyset(&none);
    // What we block or ignore would be blocked or ignored in the program as well. Source: signal(7),
    // execve(2).
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::signal(number, SIG_DFL);
    if (::getppid() == parent && ::dup2(input, STDIN_FILENO) >= 0)
        ::execve(arguments[0], arguments, environment);
    const int code = errno;
    // The parent learns from it that nothing was run, and why.
    (void)!::write(failure, &code, sizeof code);
    ::_exit(127);
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& command, std::string_view input,
                               const std::vector<std::string>& variables) {
    auto file = input_file(input);
    if (!file) return file.error();
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_failure("pipe2");
    UniqueFd failure(ends[0]), failed(ends[1]);
    std::string mark = "BATCHD_HOOK_RUN=" + random_key();
    std::vector<std::string> marked = variables;
    marked.push_back(mark);
    adopt_orphans();
    std::vector<std::string> arguments = command, environment = environment_with(marked);
    const std::vector<char*> argv = pointers(arguments), envp = pointers(environment);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid < 0) return system_failure("fork");
    if (pid == 0) become(argv.data(), envp.data(), file->get(), failed.get(), parent);
    ::setpgid(pid, pid);  // here as well, so that the group is there whoever comes first
    failed.reset();
    Process process(pid, UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))), std::move(mark));
    // Closed without a word when the program has taken over.
    int code = 0;
    if (::read(failure.get(), &code, sizeof code) == sizeof code) {
        process.end();
        errno = code;
        return system_failure(command.front());
    }
    if (!process.pidfd_) return system_failure("pidfd_open");
    return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), pidfd_(std::move(other.pidfd_)), mark_(std::move(other.mark_)) {}

Process::~Process() {
    if (pid_ == 0) return;
    signal(SIGKILL);
    pollfd ended{pidfd_.get(), POLLIN, 0};
    ::poll(&ended, 1, kKilledMax);
    if (has_ended()) end();
}

void Process::signal(int number) const {
    ::kill(-pid_, number);
}

bool Process::has_ended() const {
    siginfo_t info{};
    const bool is_told = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
    return is_told && info.si_pid != 0;
}

int Process::end() {
    siginfo_t info{};
    // Not reaped yet: until then its number, which is that of its group, is nobody else's.
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    signal(SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    end_orphans(mark_);
    return status;
}

std::string describe_status(int status) {
    if (WIFEXITED(status)) return "exit status " + std::to_string(WEXITSTATUS(status));
    return "killed by signal " + std::to_string(WTERMSIG(status));
}

}  // namespace batchd::hooks
