#include "torture/traced_process.hpp"

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "torture/call_filter.hpp"
#include "torture/tracee.hpp"

namespace batchd::torture {
namespace {

constexpr long kOptions = PTRACE_O_EXITKILL | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
                          PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD;
constexpr int kCallMade = SIGTRAP | 0x80;
constexpr int kNoFilter = 126;  // exit code of a process that could not install its filter

/// Kills a process when its time is over, and ends it in order once its work is.
class Watchdog {
public:
    Watchdog(pid_t process, Millis deadline, std::function<bool()> is_over)
        : thread_([this, process, deadline, is_over = std::move(is_over)](const std::stop_token& stop) {
              const auto end = std::chrono::steady_clock::now() + deadline;
              if (is_over && waits_until(stop, end, is_over)) ::kill(process, SIGTERM);
              if (waits_until(stop, end, [] { return false; }) || stop.stop_requested()) return;
              has_killed_ = true;
              ::kill(process, SIGKILL);
          }) {}
    /// True when it has killed. No kill comes after it.
    bool stop() {
        thread_.request_stop();
        thread_.join();
        return has_killed_;
    }

private:
    /// True once `condition` holds; false at the end, or where the process has ended by itself.
    bool waits_until(const std::stop_token& stop, std::chrono::steady_clock::time_point end,
                     const std::function<bool()>& condition) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
            if (condition()) return true;
            ended_.wait_for(lock, stop, kLook, [&] { return stop.stop_requested(); });
        }
        return false;
    }

    static constexpr Millis kLook{10};
    std::mutex mutex_;
    std::condition_variable_any ended_;
    bool has_killed_ = false;
    std::jthread thread_;
};

/// The new process waits until it is traced, and then has its calls shown.
struct Gate {
    Gate() {
        if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;
    ~Gate() {
        close(ends[0]);
        close(ends[1]);
    }
    void pass() const {
        char byte = 0;
        while (read(ends[0], &byte, 1) < 0 && errno == EINTR) {
        }
    }
    void open() const {
        if (write(ends[1], "", 1) != 1) throw std::system_error(errno, std::generic_category(), "pipe");
    }
    int ends[2] = {-1, -1};
};

class Tracer {
public:
    Tracer(pid_t process, Observer& observer) : process_(process), observer_(observer) {}

    /// Until the process has ended; its wait status.
    int run() {
        for (;;) {
            int status = 0;
            const pid_t thread = waitpid(-1, &status, __WALL | __WNOTHREAD);
            if (thread < 0 && errno == EINTR) continue;
            if (thread < 0) throw std::system_error(errno, std::generic_category(), "waitpid");
            if (!WIFSTOPPED(status)) {
                calls_.erase(thread);
                if (thread == process_) return status;
                continue;
            }
            stopped(thread, status);
        }
    }
    bool has_killed() const { return has_killed_; }

private:
    void stopped(pid_t thread, int status) {
        const int signal = WSTOPSIG(status);
        const int event = status >> 16;
        if (event == PTRACE_EVENT_SECCOMP)
            guarded(thread, [&] { call_begins(thread); });
        else if (signal == kCallMade)
            guarded(thread, [&] { call_ends(thread); });
        else if (event != 0)
            resume(thread, 0);
        else
            resume(thread, signal);
    }

    /// A thread may be gone at any moment, killed by us.
    template <class Act>
    void guarded(pid_t thread, Act act) {
        try {
            act();
        } catch (const std::system_error& error) {
            if (error.code() != std::errc::no_such_process) throw;
            resume(thread, 0);
        }
    }

    void call_begins(pid_t thread) {
        const Call call = read_call(thread);
        if (has_killed_ || call.what == nullptr) return resume(thread, 0);
        const Order order = observer_.before(call);
        if (order.kind == Order::Kind::watch) {
            calls_.insert_or_assign(thread, call);
            ptrace(PTRACE_SYSCALL, thread, nullptr, nullptr);  // stops again when the call is made
            return;
        }
        if (order.kind == Order::Kind::fail) answer_with_error(thread, order.value);
        if (order.kind == Order::Kind::shorten) change_size(thread, (call.arguments[2] + 1) / 2);
        obey(order);
        resume(thread, 0);
    }

    void call_ends(pid_t thread) {
        const auto call = calls_.extract(thread);
        if (!call.empty() && !has_killed_) obey(observer_.after(call.mapped(), read_answer(thread)));
        resume(thread, 0);
    }

    void obey(const Order& order) {
        if (order.kind == Order::Kind::terminate) ::kill(process_, SIGTERM);
        if (order.kind == Order::Kind::reload) ::kill(process_, SIGHUP);
        if (order.kind != Order::Kind::kill) return;
        has_killed_ = true;
        ::kill(process_, SIGKILL);
    }

    static void resume(pid_t thread, int signal) {
        ptrace(PTRACE_CONT, thread, nullptr, static_cast<long>(signal));
    }

    pid_t process_;
    Observer& observer_;
    std::map<pid_t, Call> calls_;  // under way, and watched
    bool has_killed_ = false;
};

class Nobody final : public Observer {
public:
    Order before(const Call&) override { return {}; }
};

}  // namespace

Order Observer::after(const Call&, std::int64_t) {
    return {};
}

Ending run_traced(const testing::DaemonCommand& command, const std::set<Effect>& effects, Observer& observer,
                  Millis deadline, std::function<bool()> is_over) {
    const CallFilter filter(effects);
    const Gate gate;
    testing::DaemonCommand traced = command;
    // Its search for leaks traces the process itself, and there is only one tracer; and the clock is shifted
    // by a library that is loaded before it.
    traced.environment["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0";
    traced.begin = [&gate, &filter] {
        gate.pass();
        if (!filter.install()) _exit(kNoFilter);
    };
    const pid_t process = testing::spawn(traced);
    if (ptrace(PTRACE_SEIZE, process, nullptr, kOptions) != 0) {
        const int why = errno;
        ::kill(process, SIGKILL);
        waitpid(process, nullptr, 0);
        throw std::system_error(why, std::generic_category(), "ptrace");
    }
    gate.open();
    Watchdog watchdog(process, deadline, std::move(is_over));
    Tracer tracer(process, observer);
    const int status = tracer.run();
    Ending ending;
    ending.was_late = watchdog.stop() && !tracer.has_killed();
    ending.was_killed = tracer.has_killed();
    ending.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (ending.exit_code == kNoFilter) throw std::system_error(EPERM, std::generic_category(), "seccomp");
    observer.ended();
    return ending;
}

std::string why_not_traceable() {
#ifndef __x86_64__
    return "calls are only intercepted on x86-64";
#endif
    testing::DaemonCommand nothing;
    nothing.program = "/bin/true";
    nothing.output = nothing.errors = "/dev/null";
    Nobody nobody;
    try {
        const Ending ending = run_traced(nothing, all_effects(), nobody, std::chrono::minutes(1));
        return ending.exit_code == 0 ? "" : "/bin/true ends with " + std::to_string(ending.exit_code);
    } catch (const std::system_error& error) {
        return error.what();
    }
}

}  // namespace batchd::torture
