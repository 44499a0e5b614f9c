#include "report/status/status.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <string_view>

#include <boost/system/errc.hpp>

#include "report/find_job.hpp"
#include "report/status/causes.hpp"
#include "report/status/order.hpp"
#include "spool/layout.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd::report {
namespace {

// It fills a terminal and no more; who wants all of them has the database.
constexpr std::size_t kEndedShown = 20;

Result<void> read_all(store::Store& store, Status& status) {
    auto jobs = store::list_jobs(store.database, kEndedShown);
    if (!jobs) return jobs.error();
    status.jobs = std::move(*jobs);
    std::sort(status.jobs.begin(), status.jobs.end(), comes_before);
    return {};
}

Result<void> read_one(store::Store& store, store::JobId id, std::size_t events_max, Status& status) {
    auto job = store::look_at_job(store.database, id);
    if (!job) return job.error();
    if (!*job) return error(Errc::not_found, "there is no job " + std::to_string(id.value));
    auto batches = store.batches.of_job(id);
    if (!batches) return batches.error();
    auto events = store::last_events(store.database, id, events_max);
    if (!events) return events.error();
    status.jobs.push_back(std::move(**job));
    status.details = Status::Details{std::move(*batches), std::move(*events)};
    return {};
}

Result<void> read_named(store::Store& store, const config::Settings& settings, const std::string& word,
                        std::size_t events_max, Status& status) {
    const auto found = find_newest_job(store, settings, word);
    return found ? read_one(store, found->id, events_max, status) : found.error();
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
            if (condition.about ==
                (provider.name == config::kDefaultProvider ? provider.base_url : provider.name))
                provider.activity = condition.text;
        return true;
    });
}

/// The number of a row in `batches`, of "batch 34".
std::optional<store::BatchRowId> row_of(std::string_view about) {
    constexpr std::string_view kBatch = "batch ";
    store::BatchRowId id;
    const char* const end = about.data() + about.size();
    if (!about.starts_with(kBatch)) return std::nullopt;
    const auto [last, ec] = std::from_chars(about.data() + kBatch.size(), end, id.value);
    return ec == std::errc{} && last == end ? std::optional(id) : std::nullopt;
}

/// Which batches what is waited for is about, in words that people know.
Result<void> read_subjects(store::Store& store, Status& status) {
    auto needs = in_order_of_need(status.conditions);
    needs.resize(std::min(needs.size(), kNeedsShown));
    for (const store::Condition& condition : needs) {
        const auto row = row_of(condition.about);
        if (!row) continue;
        auto subject = store::subject_of(store.database, *row);
        if (!subject) return subject.error();
        if (*subject) status.subjects.emplace(condition.about, std::move(**subject));
    }
    auto overdue = store::overdue_batches(store.database, kNeedsShown);
    if (!overdue) return overdue.error();
    status.overdue = std::move(*overdue);
    return {};
}

Result<void> read_enqueued(store::Store& store, Status& status) {
    for (Status::Provider& provider : status.providers) {
        auto tokens = store::tokens_at_provider(store.database, provider.name);
        if (!tokens) return tokens.error();
        provider.enqueued_tokens = std::move(*tokens);
    }
    return {};
}

Result<void> read_totals(store::Store& store, Status& status) {
    const auto jobs = store.jobs.count();
    if (!jobs) return jobs.error();
    const auto waiting = store.jobs.count_waiting();
    if (!waiting) return waiting.error();
    const auto watched = store.batches.count_watched();
    if (!watched) return watched.error();
    // As `batchd queues` counts: what waits in its queue does not run.
    status.totals = Status::Totals{jobs->open - std::min(jobs->open, *waiting), *waiting, *watched};
    return {};
}

using Read = std::function<Result<void>(Status&)>;

Result<void> read(store::Store& store, const Read& read_jobs, Status& status) {
    auto jobs = read_jobs(status);
    if (!jobs) return jobs;
    auto conditions = conditions_of(store, status.pid.has_value());
    if (!conditions) return conditions.error();
    status.conditions = std::move(*conditions);
    take_activities(status);
    if (!status.pid) forget_troubles(status);
    if (auto counted = read_totals(store, status); !counted) return counted;
    return read_subjects(store, status);
}

/// Of enqueued tokens. Each queue keeps to its own, so that the highest is what holds for all together.
std::map<std::string, std::uint64_t> limits_of(const std::string& name, const config::Settings& settings) {
    std::map<std::string, std::uint64_t> highest;
    bool has_queue = name == config::kDefaultProvider;
    if (has_queue) highest = settings.batch.enqueued_tokens;
    for (const auto& [queue, rules] : settings.queues) {
        if ((rules.provider.empty() ? "default" : rules.provider) != name) continue;
        has_queue = true;
        for (const auto& [model, tokens] : rules.enqueued_tokens.value_or(settings.batch.enqueued_tokens))
            highest[model] = std::max(highest[model], tokens);
    }
    // Whom no queue names may take what others can't.
    return has_queue ? highest : settings.batch.enqueued_tokens;
}

Status::Provider provider_of(const std::string& name, const config::Provider& provider,
                             const config::Settings& settings) {
    return {.name = name,
            .kind = std::string(config::to_string(provider.kind)),
            .base_url = provider.base_url,
            .limits = limits_of(name, settings),
            .enqueued_tokens = {}};
}

std::vector<Status::Provider> providers_of(const config::Settings& settings) {
    std::vector<Status::Provider> all{
        provider_of(std::string(config::kDefaultProvider), settings.provider, settings)};
    for (const auto& [name, provider] : settings.providers)
        all.push_back(provider_of(name, provider, settings));
    return all;
}

Result<Status> read_with(store::Store& store, const config::Settings& settings, const Read& read_jobs,
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
                           TimePoint now, std::size_t events_max) {
    const auto read_jobs = [&](Status& status) {
        auto read =
            job.empty() ? read_all(store, status) : read_named(store, settings, job, events_max, status);
        return read ? read_enqueued(store, status) : read;
    };
    return read_with(store, settings, read_jobs, now);
}

Result<Status> read_status(store::Store& store, const config::Settings& settings, store::JobId job,
                           TimePoint now, std::size_t events_max) {
    const auto read_jobs = [&](Status& status) {
        auto read = read_one(store, job, events_max, status);
        return read ? read_enqueued(store, status) : read;
    };
    return read_with(store, settings, read_jobs, now);
}

Result<Status> read_found(store::Store& store, const config::Settings& settings,
                          const store::JobSearch& search, TimePoint now, Enqueued enqueued) {
    const auto read_jobs = [&](Status& status) -> Result<void> {
        auto found = store::search_jobs(store.database, search);
        if (!found) return found.error();
        status.jobs = std::move(found->jobs);
        status.has_more_open = found->has_more_open;
        // Whether something of a job is at a provider is no column of it.
        if (search.has_open_first()) std::sort(status.jobs.begin(), status.jobs.end(), comes_before);
        return enqueued == Enqueued::read ? read_enqueued(store, status) : Result<void>();
    };
    return read_with(store, settings, read_jobs, now);
}

const store::Condition* why_closed(const Status& status, const Status::Provider& provider) {
    // The conditions of the default provider are about its address, which others may share.
    const std::string& about = provider.name == config::kDefaultProvider ? provider.base_url : provider.name;
    const store::Condition* closed = nullptr;
    for (const store::Condition& condition : status.conditions)
        if (condition.about == about &&
            (condition.kind == "no_key" || (condition.kind == "provider_closed" && closed == nullptr)))
            closed = &condition;
    return closed;
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
