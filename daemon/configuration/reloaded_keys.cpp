#include "daemon/configuration/reloaded_keys.hpp"

#include <algorithm>
#include <array>

namespace batchd {
namespace {

using config::Settings;

/// One table for both questions: a key that was said to be taken over and was not would cost somebody a
/// night, and one that was taken over and said to wait for a restart, a needless restart.
struct Reloaded {
    std::string_view name;  ///< a key, or a section with its tables
    void (*take)(Settings& into, const Settings& from);
};

constexpr std::array kReloaded{
    Reloaded{"provider",
             [](Settings& into, const Settings& from) {
                 into.provider = from.provider;
                 into.providers = from.providers;
             }},
    Reloaded{"queue", [](Settings& into, const Settings& from) { into.queues = from.queues; }},
    Reloaded{"batch", [](Settings& into, const Settings& from) { into.batch = from.batch; }},
    Reloaded{"poll", [](Settings& into, const Settings& from) { into.poll = from.poll; }},
    Reloaded{"prices", [](Settings& into, const Settings& from) { into.prices = from.prices; }},
    Reloaded{"log", [](Settings& into, const Settings& from) { into.log = from.log; }},
    Reloaded{"metrics", [](Settings& into, const Settings& from) { into.metrics = from.metrics; }},
    Reloaded{"notify",
             [](Settings& into, const Settings& from) {
                 into.notify = from.notify;
                 into.notify_targets = from.notify_targets;
             }},
    Reloaded{"retry.row_attempts",
             [](Settings& into, const Settings& from) { into.retry.row_attempts = from.retry.row_attempts; }},
    Reloaded{"retry.result_patience",
             [](Settings& into, const Settings& from) {
                 into.retry.result_patience = from.retry.result_patience;
             }},
    Reloaded{"retry.cancel_patience",
             [](Settings& into, const Settings& from) {
                 into.retry.cancel_patience = from.retry.cancel_patience;
             }},
    Reloaded{"spool.on_invalid_line",
             [](Settings& into, const Settings& from) {
                 into.spool.on_invalid_line = from.spool.on_invalid_line;
             }},
    Reloaded{
        "spool.scan_interval",
        [](Settings& into, const Settings& from) { into.spool.scan_interval = from.spool.scan_interval; }},
};

bool covers(std::string_view name, std::string_view key) {
    return key == name || (key.starts_with(name) && key[name.size()] == '.');
}

}  // namespace

bool can_change(std::string_view key) {
    return std::any_of(kReloaded.begin(), kReloaded.end(),
                       [&](const Reloaded& reloaded) { return covers(reloaded.name, key); });
}

void take_over_keys(config::Settings& settings, const config::Settings& from) {
    for (const Reloaded& reloaded : kReloaded) reloaded.take(settings, from);
}

}  // namespace batchd
