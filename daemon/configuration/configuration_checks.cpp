#include "daemon/configuration/configuration_checks.hpp"

#include <cerrno>
#include <cstring>
#include <vector>

#include <grp.h>

#include "config/values/value.hpp"
#include "jsonl/chain/line_template.hpp"
#include "money/budget/budget.hpp"
#include "money/price/price_table.hpp"
#include "schedule/cron.hpp"
#include "schedule/time_zone.hpp"

namespace batchd {

namespace {

constexpr std::size_t kEntryMax = 16 * 1024 * 1024;  // a group may have tens of thousands of members

/// As getgrnam(3), whose entry grows with the members of the group.
config::Checks::Fault group_fault(const std::string& name) {
    std::vector<char> room(16 * 1024);
    group entry{};
    group* found = nullptr;
    int failure = ERANGE;
    while (failure == ERANGE && room.size() < kEntryMax) {
        failure = ::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found);
        room.resize(room.size() * 2);
    }
    if (found != nullptr) return std::nullopt;
    const std::string shown = config::toml_string(name);
    const std::string why = failure == 0
                                ? "there is none of that name here; groupadd " + name + " makes it"
                                : "it can't be looked up (" + std::string(std::strerror(failure)) + ")";
    return "is " + shown + ": must be a Unix group, and " + why;
}

template <class T>
config::Checks::Fault fault_of(const std::string& value, const Result<T>& read) {
    if (read) return std::nullopt;
    return "is " + config::toml_string(value) + ": " + read.error().context;
}

config::Checks::Fault timezone_fault(const std::string& zone) {
    if (!zone.empty()) return fault_of(zone, schedule::TimeZone::load(zone));
    const auto machine = schedule::TimeZone::of_machine();
    if (machine) return std::nullopt;
    return "is not set, and of this machine: " + machine.error().context;
}

}  // namespace

config::Checks configuration_checks() {
    return {.timezone = timezone_fault,
            .schedule = [](const std::string& line) { return fault_of(line, schedule::Cron::parse(line)); },
            .group = group_fault,
            .budget = [](const std::string& budget) -> config::Checks::Fault {
                const auto read = money::parse_budget(budget);
                if (read) return std::nullopt;
                return "is " + read.error().context;
            },
            .then_template = [](const std::string& text) -> config::Checks::Fault {
                const auto read = jsonl::LineTemplate::parse(text);
                if (read) return std::nullopt;
                return "is wrong: " + read.error().context;
            },
            .prices = [](const std::map<std::string, config::ModelPrices>& models) -> config::Checks::Fault {
                const auto table = money::own_prices(models);
                if (table) return std::nullopt;
                return "has " + table.error().context;
            }};
}

}  // namespace batchd
