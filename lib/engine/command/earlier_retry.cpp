#include "engine/command/earlier_retry.hpp"

#include "engine/deliver/job_summary.hpp"
#include "engine/origin.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace {

Result<void> add_those_at_work(const spool::Layout& layout, const store::Job& job, const std::string& own_key,
                               std::vector<FoundRetry>& found) {
    const auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    for (const std::string& key : *keys) {
        if (key != own_key && read_origin(layout, key) != Origin{Origin::Kind::retry, job.key}) continue;
        const auto holds = holds_job(layout, key);
        if (!holds) return holds.error();
        if (*holds) found.push_back({key, layout.work_directory(key)});
    }
    return {};
}

/// Numbers of jobs are given anew after a loss, so that an older folder may speak of another job with this
/// one.
bool is_retry_of(const store::Job& retry, const store::Job& job) {
    return retry.retry_of == job.id && retry.created_at >= job.finished_at.value_or(job.created_at);
}

Result<void> add_delivered(const Path& outbox, const store::Job& job, std::vector<FoundRetry>& found) {
    const auto names = names_in(outbox);
    if (!names) return names.error();
    for (const std::string& name : *names) {
        if (!spool::published_number(job.name, name)) continue;
        auto summary = read_job_summary(outbox / name);
        if (summary && is_retry_of(summary->job, job))
            found.push_back({std::move(summary->job.key), outbox / name});
    }
    return {};
}

}  // namespace

Result<std::vector<FoundRetry>> find_retries(const spool::Layout& layout, const Path& outbox,
                                             const store::Job& job, const std::string& key) {
    std::vector<FoundRetry> found;
    auto done = add_those_at_work(layout, job, key, found);
    if (done) done = add_delivered(outbox, job, found);
    if (!done) return done.error();
    return found;
}

}  // namespace batchd::engine
