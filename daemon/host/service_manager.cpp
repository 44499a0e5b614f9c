#include "daemon/host/service_manager.hpp"

#include <cstdlib>
#include <ctime>

#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

namespace batchd {

// Outside of systemd NOTIFY_SOCKET is not set, and each of these calls does nothing. That none of them can
// fail visibly is on purpose: a daemon that works is not ended because its manager does not listen.
void ServiceManager::ready() const {
    sd_notify(0, "READY=1");
}

void ServiceManager::stopping() const {
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void ServiceManager::reloading() const {
    // systemd tells this reload from an earlier one by the time, which it compares with the monotonic clock
    // of its own. Source: sd_notify(3), RELOADING=1.
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld",
               static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000);
}

void ServiceManager::status(const std::string& text) const {
    sd_notifyf(0, "STATUS=%s", text.c_str());
}

void ServiceManager::alive() const {
    sd_notify(0, "WATCHDOG=1");
}

std::optional<Millis> ServiceManager::watchdog_interval() const {
    std::uint64_t usec = 0;
    // Also nothing where the variables are meant for another process than this one.
    if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return Millis(static_cast<std::int64_t>(usec / 1000));
}

bool ServiceManager::logs_to_journal() {
    // The variable is inherited by whatever a service starts, also where that one writes into a file: only
    // the device and inode in it say whether standard error still is the journal. Source: systemd.exec(5).
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
    return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace batchd
