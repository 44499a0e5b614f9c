#include "status_report.hpp"

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
    if (!report.pid) return report;
    auto trouble = store::provider_trouble((*store)->database);
    if (!trouble) return trouble.error();
    report.provider_trouble = std::move(*trouble);
    return report;
}

}  // namespace batchd
