#include "status_report.hpp"

#include <algorithm>

#include "find_job.hpp"
#include "open_state.hpp"
#include "spool/state_lock.hpp"

namespace batchd {
namespace {

constexpr std::size_t kEndedShown = 20;
constexpr std::size_t kEventsShown = 12;

Result<void> read_all(store::Store& store, StatusReport& report) {
    auto jobs = store::list_jobs(store.database, kEndedShown);
    if (!jobs) return jobs.error();
    report.jobs = std::move(*jobs);
    return {};
}

Result<void> read_one(store::Store& store, const std::string& word, StatusReport& report) {
    const auto found = find_newest_job(store, word);
    if (!found) return found.error();
    auto job = store::look_at_job(store.database, found->id);
    if (!job) return job.error();
    auto batches = store.batches.of_job(found->id);
    if (!batches) return batches.error();
    auto events = store::last_events(store.database, found->id, kEventsShown);
    if (!events) return events.error();
    if (*job) report.jobs.push_back(std::move(**job));
    report.details = StatusReport::Details{std::move(*batches), std::move(*events)};
    return {};
}

/// What holds now: where no daemon runs, only what waits for a person.
Result<std::vector<store::Condition>> conditions_of(store::Store& store, bool is_running) {
    auto conditions = store.conditions.all();
    if (!conditions || is_running) return conditions;
    std::erase_if(*conditions, [](const store::Condition& condition) { return condition.kind != "held"; });
    return conditions;
}

/// Without a daemon nothing is waited for, but for a person.
void forget_troubles(StatusReport& report) {
    for (store::JobOverview& job : report.jobs) {
        const auto is_its = [&](const store::Condition& condition) { return condition.job == job.job.id; };
        if (std::none_of(report.conditions.begin(), report.conditions.end(), is_its)) job.trouble.clear();
    }
}

}  // namespace

Result<StatusReport> read_status(const config::Settings& settings, const std::string& job, TimePoint now) {
    const spool::Layout layout{settings.state.directory};
    auto store = open_state(layout, store::OpenMode::read_only);
    if (!store) return store.error();
    StatusReport report;
    report.now = now;
    report.pid = spool::StateLock::holder(layout.lock());
    if (auto begun = (*store)->database.execute("BEGIN"); !begun) return begun.error();
    auto read = job.empty() ? read_all(**store, report) : read_one(**store, job, report);
    if (!read) return read.error();
    auto conditions = conditions_of(**store, report.pid.has_value());
    if (!conditions) return conditions.error();
    report.conditions = std::move(*conditions);
    if (!report.pid) forget_troubles(report);
    report.provider.base_url = settings.provider.base_url;
    report.provider.limits = settings.batch.enqueued_tokens;
    auto tokens = store::tokens_at_provider((*store)->database);
    if (!tokens) return tokens.error();
    report.provider.enqueued_tokens = std::move(*tokens);
    return report;
}

}  // namespace batchd
