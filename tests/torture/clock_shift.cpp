// Preloaded into the daemon: the wall clock is CLOCK_SHIFT_SECONDS ahead, or behind. Time that is only
// measured (CLOCK_MONOTONIC) stays as it is.

#include <cstdlib>
#include <ctime>

#include <sys/syscall.h>
#include <unistd.h>

extern "C" int clock_gettime(clockid_t clock, timespec* time) {
    static const long shift = [] {
        const char* const text = std::getenv("CLOCK_SHIFT_SECONDS");
        return text == nullptr ? 0L : std::atol(text);
    }();
    const int result = static_cast<int>(syscall(SYS_clock_gettime, clock, time));
    if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += shift;
    return result;
}
