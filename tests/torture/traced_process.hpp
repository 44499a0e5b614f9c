#pragma once

#include <functional>
#include <set>

#include "base/units.hpp"
#include "system/daemon_process.hpp"
#include "torture/system_call.hpp"

namespace batchd::torture {

/// What is to become of a call, or of the process.
struct Order {
    enum class Kind {
        go,
        watch,      ///< go, and after() is to see the answer
        kill,       ///< SIGKILL to the process: the call is not made
        fail,       ///< the call is not made, and answers `value` as its errno
        shorten,    ///< a read or write of half the size
        terminate,  ///< go, with SIGTERM to the process
        reload,     ///< go, with SIGHUP to the process
    };
    Kind kind = Kind::go;
    int value = 0;
};

/// Sees the calls of a traced process, of all its threads, one at a time and in the order in which they are
/// begun, and decides on each.
class Observer {
public:
    virtual ~Observer() = default;
    /// Before the call; the thread stands still meanwhile.
    virtual Order before(const Call& call) = 0;
    /// After a call that was watched. `answer` is what the kernel returned: negative is -errno.
    virtual Order after(const Call& call, std::int64_t answer);
    /// The process has ended, and no call is under way.
    virtual void ended() {}
};

struct Ending {
    int exit_code = 0;        ///< or 128 + N for an end by signal N
    bool was_late = false;    ///< it was killed because the deadline had come
    bool was_killed = false;  ///< by an order
};

/// Runs the program to its end under ptrace; the calling thread is the tracer, and must have no other
/// children. `observer` sees the calls with one of `effects`, and no others, which run at full speed.
/// `is_over`, where it is given, is asked on another thread every few milliseconds; once it says so, the
/// program gets SIGTERM. Throws std::system_error where ptrace or seccomp is not to be had.
Ending run_traced(const testing::DaemonCommand& command, const std::set<Effect>& effects, Observer& observer,
                  Millis deadline, std::function<bool()> is_over = {});

/// Why run_traced() can't work on this machine; "" when it can.
std::string why_not_traceable();

/// `size` bytes of the memory of a stopped thread. Throws std::system_error.
std::string read_memory(pid_t thread, std::uint64_t address, std::size_t size);

}  // namespace batchd::torture
