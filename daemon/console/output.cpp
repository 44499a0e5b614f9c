#include "daemon/console/output.hpp"

#include <cerrno>
#include <cstdio>

#include <poll.h>
#include <unistd.h>

namespace batchd {
namespace {

constexpr const char* kWhat = "not all of the output could be written";

/// Asked of the system, for the write that failed may have been long ago, and its errno with it.
bool has_reader_gone() {
    pollfd output{STDOUT_FILENO, POLLOUT, 0};
    return ::poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

}  // namespace

Result<void> flush_output() {
    // Kept, for what a write refused is dropped, and a later one may succeed.
    static Result<void> flushed;
    if (!flushed) return flushed;
    if (std::fflush(stdout) != 0)
        flushed = system_failure(kWhat);
    else if (std::ferror(stdout) != 0)  // of a buffer that was full before; its errno is gone
        flushed = error(Errc::too_large, kWhat);
    return flushed;
}

bool finish_output() {
    const auto flushed = flush_output();
    if (flushed || has_reader_gone()) return true;
    std::fprintf(stderr, "batchd: %s\n", to_string(flushed.error()).c_str());
    return false;
}

}  // namespace batchd
