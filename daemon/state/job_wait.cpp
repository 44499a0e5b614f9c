#include "daemon/state/job_wait.hpp"

#include <algorithm>
#include <map>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "daemon/console/pause.hpp"
#include "daemon/state/open_state.hpp"
#include "engine/command/command_rules.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;

constexpr Millis kWaitInterval = 200ms;
constexpr Millis kDoubtMax = 1min;

bool has_ended(const store::Job& job) {
    return store::is_final(job.state);
}

/// Reads those anew that had not ended, and tells of each that has since, in the moment in which it is seen.
/// One that has may be forgotten while others run (`state.keep`), and stays as it was seen last.
Result<void> read_open(store::Store& store, const std::vector<store::JobId>& ids,
                       const std::function<void(const store::Job&)>& ended,
                       std::map<store::JobId, store::Job>& jobs) {
    for (const store::JobId id : ids) {
        const auto seen = jobs.find(id);
        if (seen != jobs.end() && has_ended(seen->second)) continue;
        auto job = store.jobs.find(id);
        if (!job) return job.error();
        if (!*job) return error(Errc::not_found, "there is no job " + std::to_string(id.value));
        const store::Job& now = jobs.insert_or_assign(id, std::move(**job)).first->second;
        if (has_ended(now)) ended(now);
    }
    return {};
}

std::vector<store::Job> in_order(const std::vector<store::JobId>& ids,
                                 const std::map<store::JobId, store::Job>& jobs) {
    std::vector<store::Job> ordered;
    for (const store::JobId id : ids) ordered.push_back(jobs.at(id));
    return ordered;
}

}  // namespace

Result<void> StateWatch::look(const std::function<Result<void>(store::Store&)>& look) {
    const auto clock = make_system_clock();
    for (;;) {
        // Anew each time: the database may be replaced while somebody waits for days.
        auto store = open_state(layout_, store::OpenMode::read_only);
        auto looked = store ? look(**store) : Result<void>(store.error());
        if (looked) {
            failing_since_.reset();
            has_looked_ = true;
            return looked;
        }
        if (!failing_since_) failing_since_ = clock->uptime();
        // What the system or SQLite says may be another a moment later; our own errors are about what was
        // asked for.
        const bool may_pass = looked.error().code.category() != batchd_category();
        if (!has_looked_ || !may_pass || clock->uptime() - *failing_since_ > kDoubtMax) return looked;
        pause(kWaitInterval);
    }
}

Result<std::vector<store::Job>> wait_for_end(StateWatch& watch, const std::vector<store::JobId>& ids,
                                             std::optional<Millis> timeout,
                                             const std::function<void(const store::Job&)>& ended) {
    const auto clock = make_system_clock();
    const Millis begin = clock->uptime();
    std::map<store::JobId, store::Job> seen;
    for (;;) {
        auto looked = watch.look([&](store::Store& store) { return read_open(store, ids, ended, seen); });
        if (!looked) return looked.error();
        auto jobs = in_order(ids, seen);
        const Millis waited = clock->uptime() - begin;
        if (std::all_of(jobs.begin(), jobs.end(), has_ended) || (timeout && waited >= *timeout)) return jobs;
        pause(timeout ? std::min(kWaitInterval, *timeout - waited) : kWaitInterval);
    }
}

ExitCode verdict_on(const std::vector<store::Job>& jobs) {
    if (!std::all_of(jobs.begin(), jobs.end(), has_ended)) return kExitTimeIsUp;
    const bool all_done = std::all_of(
        jobs.begin(), jobs.end(), [](const store::Job& job) { return job.state == store::JobState::done; });
    return all_done ? kExitFine : kExitFailed;
}

std::string end_line(const store::Job& job) {
    std::string line = engine::title(job) + " " + std::string(to_string(job.state));
    if (!job.reason.empty()) line += ": " + shortened(printable(job.reason));
    if (!job.delivered_to.empty()) line += (job.reason.empty() ? ": " : "; ") + printable(job.delivered_to);
    return line;
}

}  // namespace batchd
