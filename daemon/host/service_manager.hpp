#pragma once

#include <optional>
#include <string>

#include "base/units.hpp"

namespace batchd {

/// What systemd, or whatever started us, wants to know. All calls do nothing where nobody asks.
/// Source: sd_notify(3).
class ServiceManager {
public:
    void ready() const;
    void stopping() const;
    void reloading() const;
    /// One line, as `systemctl status` shows it.
    void status(const std::string& text) const;
    void alive() const;
    /// How often alive() must be called; nothing: nobody watches.
    std::optional<Millis> watchdog_interval() const;
    /// True when standard error goes to journald: JOURNAL_STREAM names its device and inode. Whoever
    /// inherited the variable and writes elsewhere has the wrong ones. Source: systemd.exec(5).
    static bool logs_to_journal();
};

}  // namespace batchd
