#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <cctz/time_zone.h>

#include "base/result.hpp"

namespace batchd::schedule {

using SysSeconds = std::chrono::sys_seconds;
using LocalSeconds = std::chrono::local_seconds;

/// The clocks of a place, from the system's time zone database, which is read once for each zone: what an
/// upgrade of it changes counts from the next start on.
///
/// cctz reads it: the standard library of g++ 12 has no time zones, the `date` library knows no change of the
/// clocks after 2037, and ICU has a database of its own that the system's upgrades do not reach.
class TimeZone {
public:
    /// By its name in the database: "Europe/Berlin", "UTC".
    /// Errors: bad_input, which says what a name is like.
    static Result<TimeZone> load(std::string_view name);
    /// The machine's: TZ where it is set, else /etc/localtime, else UTC, as for every program.
    /// Errors: bad_input where TZ names no zone of the database.
    static Result<TimeZone> of_machine();

    /// For people. The machine's zone has its name where that can be seen, else "localtime".
    const std::string& name() const { return name_; }

    LocalSeconds to_local(SysSeconds moment) const;
    /// When the clocks first show `local`. Where they skip it, because they are put forward, the moment of
    /// that.
    SysSeconds first_moment_of(LocalSeconds local) const;
    /// The next moment after `moment` at which the clocks are put forward or back; nothing where that is
    /// never.
    std::optional<SysSeconds> next_change(SysSeconds moment) const;

private:
    TimeZone(std::string name, cctz::time_zone zone) : name_(std::move(name)), zone_(zone) {}

    std::string name_;
    cctz::time_zone zone_;
};

}  // namespace batchd::schedule
