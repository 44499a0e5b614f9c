#include "service_manager.hpp"

#include <cstdlib>
#include <ctime>

#include <sys/stat.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

namespace batchd {

void ServiceManager::ready() const {
    sd_notify(0, "READY=1");
}

void ServiceManager::stopping() const {
    sd_notify(0, "STOPPING=1\nSTATUS=stopping");
}

void ServiceManager::reloading() const {
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
    if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return Millis(static_cast<std::int64_t>(usec / 1000));
}

bool ServiceManager::logs_to_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status{};
    if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
    return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

}  // namespace batchd
