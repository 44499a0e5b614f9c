#include "schedule/time_zone.hpp"

#include <cstdlib>
#include <filesystem>

#include <cctz/civil_time.h>

namespace batchd::schedule {
namespace {

constexpr const char* kMachine = "/etc/localtime";
constexpr cctz::civil_second kEpoch(1970, 1, 1, 0, 0, 0);

cctz::civil_second to_civil(LocalSeconds local) {
    return kEpoch + local.time_since_epoch().count();
}

/// What leads out of the database is no name, whatever file may be there.
bool may_be_name(std::string_view text) {
    return !text.empty() && text.front() != '/' && text.find('.') == text.npos &&
           text.find('\0') == text.npos;
}

/// /etc/localtime is a link to .../zoneinfo/Europe/Berlin, but for some old machines.
std::string machine_zone_name() {
    std::error_code ec;
    const std::string target = std::filesystem::read_symlink(kMachine, ec).string();
    constexpr std::string_view kFolder = "/zoneinfo/";
    const std::size_t at = target.find(kFolder);
    // Where it is no link, the rules are known and the name is not.
    return at == target.npos ? "localtime" : target.substr(at + kFolder.size());
}

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
    cctz::time_zone zone;
    if (!may_be_name(name) || !cctz::load_time_zone(std::string(name), &zone))
        return error(Errc::bad_input, "time zone \"" + std::string(name) +
                                          "\": must be a file in /usr/share/zoneinfo (package tzdata), such "
                                          "as \"Europe/Berlin\" or \"UTC\"");
    return TimeZone(std::string(name), zone);
}

Result<TimeZone> TimeZone::of_machine() {
    std::string_view set = std::getenv("TZ") ? std::getenv("TZ") : "";
    // POSIX lets a name of the database begin with it. Source: POSIX.1-2017, 8.3.
    if (set.starts_with(':')) set.remove_prefix(1);
    if (!set.empty() && set != kMachine) {
        auto zone = load(set);
        return zone ? zone : within("TZ", zone.error());
    }
    cctz::time_zone zone;
    // A container without tzdata has the clock of UTC, which is what everything else in it shows.
    if (!cctz::load_time_zone(kMachine, &zone)) return TimeZone("UTC", cctz::utc_time_zone());
    return TimeZone(machine_zone_name(), zone);
}

LocalSeconds TimeZone::to_local(SysSeconds moment) const {
    return LocalSeconds(std::chrono::seconds(zone_.lookup(moment).cs - kEpoch));
}

SysSeconds TimeZone::first_moment_of(LocalSeconds local) const {
    return std::chrono::time_point_cast<std::chrono::seconds>(cctz::convert(to_civil(local), zone_));
}

std::optional<SysSeconds> TimeZone::next_change(SysSeconds moment) const {
    cctz::time_zone::civil_transition change;
    if (!zone_.next_transition(moment, &change)) return std::nullopt;
    return zone_.lookup(change.to).trans;
}

}  // namespace batchd::schedule
