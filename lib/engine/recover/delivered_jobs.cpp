#include "engine/recover/delivered_jobs.hpp"

#include <algorithm>
#include <set>

#include "engine/attempt_key.hpp"
#include "engine/queue/queue_folders.hpp"
#include "engine/work_directory.hpp"
#include "spool/published.hpp"

namespace batchd::engine {
namespace {

/// Nothing where there is no folder of the job.
Result<std::optional<JobSummary>> find_summary(const config::Settings& settings, const store::Job& job) {
    using Read = Result<JobSummary> (*)(const Path&);
    const QueueFolders folders = folders_of(settings.spool, job.queue);
    for (const auto& [parent, read] : {std::pair<Path, Read>{folders.outbox, read_job_summary},
                                       std::pair<Path, Read>{folders.rejected, read_rejection}}) {
        const auto name = spool::find_published(parent, job.name, job.key);
        if (!name) return name.error();
        if (!*name) continue;
        auto summary = read(parent / **name);
        if (!summary) return summary.error();
        return std::optional(std::move(*summary));
    }
    return std::optional<JobSummary>();
}

/// When it was let go: what it cost counts in the budget of that day or month. Nothing of one that was never
/// sent.
std::optional<TimePoint> released_at(const JobSummary& summary) {
    if (summary.batches.empty()) return std::nullopt;
    const auto first =
        std::min_element(summary.batches.begin(), summary.batches.end(),
                         [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
    // Some that an earlier batchd wrote do not say it.
    return std::max(first->created_at, summary.job.created_at);
}

/// Of a job without a folder in work/. True where it had ended.
Result<bool> end_if_delivered(const config::Settings& settings, store::Store& store, store::JobId id,
                              TimePoint now) {
    const auto job = store.jobs.find(id);
    if (!job) return job.error();
    if (!*job) return false;
    auto summary = find_summary(settings, **job);
    if (!summary) return summary.error();
    if (!*summary) return false;
    // People may know it by the number that this database gave it.
    (*summary)->job.id = id;
    if (auto removed = store.jobs.remove(id); !removed) return removed.error();
    if (auto restored = restore_ended(store, **summary, now); !restored) return restored.error();
    return true;
}

}  // namespace

Result<void> restore_ended(store::Store& store, const JobSummary& summary,
                           std::optional<TimePoint> cleaned_at) {
    store::Job job = summary.job;
    job.released_at = released_at(summary);
    const auto id = store.jobs.restore(job, cleaned_at);
    if (!id) return id.error();
    for (store::Batch batch : summary.batches) {
        batch.job_id = *id;
        batch.key = attempt_key(summary.job.key, {batch.shard, batch.attempt});
        // Of a batch that others share, each folder tells its job's share, and no two rows have its id.
        if (batch.is_shared()) batch.batch_id.clear();
        batch.bundle.clear();
        if (auto added = store.batches.restore(batch); !added) return added;
    }
    return {};
}

Result<std::uint64_t> end_delivered_jobs(const spool::Layout& layout, const config::Settings& settings,
                                         store::Store& store, TimePoint now) {
    using State = store::JobState;
    const auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    const std::set<std::string> at_work(keys->begin(), keys->end());
    std::uint64_t ended = 0;
    for (const State state : {State::claimed, State::planned, State::running, State::delivering}) {
        const auto jobs = store.jobs.keys_in_state(state);
        if (!jobs) return jobs.error();
        for (const store::JobKey& job : *jobs) {
            // By the listing, for a start may find a hundred thousand of them at work.
            if (at_work.contains(job.key)) continue;
            const auto was = end_if_delivered(settings, store, job.id, now);
            if (!was) return was.error();
            if (*was) ++ended;
        }
    }
    // Of a batch that only such jobs shared nothing is waited for.
    if (ended > 0)
        if (auto removed = store.bundles.remove_without_jobs(); !removed) return removed.error();
    return ended;
}

}  // namespace batchd::engine
