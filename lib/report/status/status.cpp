#include "report/status/status.hpp"

#include <algorithm>
#include <functional>

#include <boost/system/errc.hpp>

#include "report/find_job.hpp"
#include "spool/layout.hpp"
#include "spool/state_lock.hpp"

namespace batchd::report {
namespace {

// Both fill a terminal and no more; who wants all of them has the database.
constexpr std::size_t kEndedShown = 20;
constexpr std::size_t kEventsShown = 12;

Result<void> read_all(store::Store& store, Status& status) {
    auto jobs = store::list_jobs(store.database, kEndedShown);
    if (!jobs) return jobs.error();
    status.jobs = std::move(*jobs);
    return {};
}

Result<void> read_one(store::Store& store, const std::string& word, Status& status) {
    const auto found = find_newest_job(store, word);
    if (!found) return found.error();
    auto job = store::look_at_job(store.database, found->id);
    if (!job) return job.error();
    auto batches = store.batches.of_job(found->id);
    if (!batches) return batches.error();
    auto events = store::last_events(store.database, found->id, kEventsShown);
    if (!events) return events.error();
    if (*job) status.jobs.push_back(std::move(**job));
    status.details = Status::Details{std::move(*batches), std::move(*events)};
    return {};
}

/// What holds now: where no daemon runs, only what waits for a person.
Result<std::vector<store::Condition>> conditions_of(store::Store& store, bool is_running) {
    auto conditions = store.conditions.all();
    if (!conditions || is_running) return conditions;
    // What the last run wrote may have passed since, and nobody is there to find out. A hold stays until
    // somebody decides.
    std::erase_if(*conditions, [](const store::Condition& condition) { return condition.kind != "held"; });
    return conditions;
}

/// Without a daemon nothing is waited for, but for a person.
void forget_troubles(Status& status) {
    for (store::JobOverview& job : status.jobs) {
        const auto is_its = [&](const store::Condition& condition) { return condition.job == job.job.id; };
        if (std::none_of(status.conditions.begin(), status.conditions.end(), is_its)) job.trouble.clear();
    }
}

/// The daemon writes beside the conditions what its providers do. Those of the default provider are about its
/// address.
void take_activities(Status& status) {
    std::erase_if(status.conditions, [&](const store::Condition& condition) {
        if (condition.kind != "activity") return false;
        for (Status::Provider& provider : status.providers)
            if (condition.about == (provider.name == "default" ? provider.base_url : provider.name))
                provider.activity = condition.text;
        return true;
    });
}

using ReadJobs = std::function<Result<void>(Status&)>;

Result<void> read(store::Store& store, const ReadJobs& read_jobs, Status& status) {
    auto jobs = read_jobs(status);
    if (!jobs) return jobs;
    auto conditions = conditions_of(store, status.pid.has_value());
    if (!conditions) return conditions.error();
    status.conditions = std::move(*conditions);
    take_activities(status);
    if (!status.pid) forget_troubles(status);
    for (Status::Provider& provider : status.providers) {
        auto tokens = store::tokens_at_provider(store.database, provider.name);
        if (!tokens) return tokens.error();
        provider.enqueued_tokens = std::move(*tokens);
    }
    return {};
}

Status::Provider provider_of(const std::string& name, const config::Provider& provider,
                             const config::Settings& settings) {
    return {.name = name,
            .kind = std::string(config::to_string(provider.kind)),
            .base_url = provider.base_url,
            .limits = settings.batch.enqueued_tokens,
            .enqueued_tokens = {}};
}

std::vector<Status::Provider> providers_of(const config::Settings& settings) {
    std::vector<Status::Provider> all{provider_of("default", settings.provider, settings)};
    for (const auto& [name, provider] : settings.providers)
        all.push_back(provider_of(name, provider, settings));
    return all;
}

Result<Status> read_with(store::Store& store, const config::Settings& settings, const ReadJobs& read_jobs,
                         TimePoint now) {
    Status status;
    status.now = now;
    status.pid = spool::StateLock::holder(spool::Layout{settings.state.directory}.lock());
    status.providers = providers_of(settings);
    // One transaction, so that the jobs and what is said of them are of the same moment. It ends whatever
    // came of it: a reader that stays in one keeps the daemon from emptying its log.
    if (auto begun = store.database.execute("BEGIN"); !begun) return begun.error();
    auto done = read(store, read_jobs, status);
    if (auto ended = store.database.execute("COMMIT"); done && !ended) done = ended;
    if (!done) return done.error();
    return status;
}

}  // namespace

Result<Status> read_status(store::Store& store, const config::Settings& settings, const std::string& job,
                           TimePoint now) {
    const auto read_jobs = [&](Status& status) {
        return job.empty() ? read_all(store, status) : read_one(store, job, status);
    };
    return read_with(store, settings, read_jobs, now);
}

Result<Status> read_found(store::Store& store, const config::Settings& settings,
                          const store::JobSearch& search, TimePoint now) {
    const auto read_jobs = [&](Status& status) -> Result<void> {
        auto jobs = store::search_jobs(store.database, search);
        if (!jobs) return jobs.error();
        status.jobs = std::move(*jobs);
        return {};
    };
    return read_with(store, settings, read_jobs, now);
}

Result<void> read_errors(Status& status) {
    if (!status.details || status.jobs.empty()) return {};
    const store::Job& job = status.jobs.front().job;
    // The folder is in place with the final state, and not before.
    if (!store::is_final(job.state)) return {};
    // "None" is known without a look at the disk.
    if (job.failed == 0) {
        status.details->errors.emplace();
        return {};
    }
    auto groups = group_errors(Path(job.delivered_to) / "errors.jsonl");
    if (groups) {
        status.details->errors = std::move(*groups);
        return {};
    }
    // People take their results away, and a job that was rejected has none.
    namespace errc = boost::system::errc;
    const bool is_gone = groups.error().code == errc::no_such_file_or_directory ||
                         groups.error().code == errc::not_a_directory;
    return is_gone ? Result<void>() : groups.error();
}

}  // namespace batchd::report
