#include "engine/recover/recovery.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <system_error>

#include <sys/stat.h>

#include "config/effective.hpp"
#include "engine/attempt_key.hpp"
#include "engine/budget/job_estimate.hpp"
#include "engine/budget/queue_budget.hpp"
#include "engine/bundle/known_bundles.hpp"
#include "engine/deliver/job_summary.hpp"
#include "engine/deliver/next_job.hpp"
#include "engine/intake/late_input.hpp"
#include "engine/origin.hpp"
#include "engine/plan/first_attempt.hpp"
#include "engine/plan/plan_file.hpp"
#include "engine/queue/queue_waits.hpp"
#include "engine/recover/begun.hpp"
#include "engine/recover/delivered_jobs.hpp"
#include "engine/work_directory.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd::engine {

namespace fs = std::filesystem;

namespace {

/// A folder that only says what it is for is what a claim leaves that did not come about.
Result<bool> holds_files(const Path& work_directory) {
    const auto names = names_in(work_directory);
    if (!names) return names.error();
    const auto is_bundle = is_bundle_folder(work_directory);
    if (!is_bundle || *is_bundle) return is_bundle ? Result<bool>(false) : is_bundle.error();
    for (const std::string& name : *names)
        if (name != "name" && name != "origin") return true;
    return false;
}

/// What a claim has written down: NAME.jsonl, or QUEUE/NAME.jsonl.
struct Dropped {
    std::string queue{config::kDefaultQueue};
    std::string name;
};

/// Nothing where work/ does not say it, or somebody else has written it.
std::optional<Dropped> read_dropped(const spool::Layout& layout, const std::string& key) {
    std::error_code ec;
    const std::string text = fs::read_symlink(layout.name_link(key), ec).string();
    const std::size_t slash = text.find('/');
    const std::string file = slash == std::string::npos ? text : text.substr(slash + 1);
    const bool is_name =
        !ec && file.find('/') == std::string::npos && spool::classify_name(file) == spool::NameVerdict::take;
    const std::string queue =
        slash == std::string::npos ? std::string(config::kDefaultQueue) : text.substr(0, slash);
    const bool is_queue = !queue.empty() && queue.find('.') == std::string::npos;
    if (!is_name || !is_queue) return std::nullopt;
    return Dropped{queue, spool::job_name(file)};
}

/// When the file was claimed: the link was made then, and is never changed.
TimePoint claimed_at(const spool::Layout& layout, const std::string& key) {
    struct stat status{};
    if (::lstat(layout.name_link(key).c_str(), &status) != 0 &&
        ::lstat(layout.input(key).c_str(), &status) != 0)
        return TimePoint{};
    return TimePoint(std::chrono::seconds(status.st_mtime));
}

class Recovery {
public:
    Recovery(const spool::Layout& layout, const config::Settings& settings, store::Store& store,
             TimePoint now)
        : layout_(layout), settings_(settings), spool_(settings.spool), store_(store), now_(now) {}

    Result<RecoveryReport> run() {
        const auto done = store_.database.transact([&]() -> Result<void> {
            // Ended jobs first: they keep their numbers, and a folder in work/ may be what is left of one.
            if (auto added = add_ended(spool_.outbox, read_job_summary, Depth::with_queues); !added)
                return added;
            if (auto added = add_ended(spool_.rejected, read_rejection, Depth::with_queues); !added)
                return added;
            return add_open();
        });
        if (!done) return done.error();
        return std::move(report_);
    }

private:
    using ReadSummary = Result<JobSummary> (*)(const Path&);

    enum class Depth { with_queues, of_a_queue };

    /// What is no folder of a job may be that of a queue, also of one that is no longer configured.
    Result<void> add_ended(const Path& parent, ReadSummary read, Depth depth) {
        if (depth == Depth::of_a_queue && !fs::is_directory(fs::symlink_status(parent))) return {};
        const auto names = names_in(parent);
        if (!names) return names.error();
        for (const std::string& name : *names) {
            if (name.starts_with('.')) continue;  // being built
            const auto summary = read(parent / name);
            if (!summary) {
                if (summary.error().code != Errc::not_found)
                    report_.left.push_back(to_string(summary.error()));
                else if (depth == Depth::with_queues)
                    if (auto added = add_ended(parent / name, read, Depth::of_a_queue); !added) return added;
                continue;
            }
            if (auto added = add_ended_job(*summary); !added) return added;
        }
        return {};
    }

    Result<void> add_ended_job(const JobSummary& summary) {
        const auto known = store_.jobs.find_by_key(summary.job.key);
        if (!known) return known.error();
        if (*known) return {};
        // With a folder left in work/ it is on record as not cleaned yet, and the cleaner takes it up.
        const auto at_work = file_exists(layout_.work_directory(summary.job.key));
        if (!at_work) return at_work.error();
        const auto cleaned = *at_work ? std::optional<TimePoint>() : std::optional(now_);
        if (auto restored = restore_ended(store_, summary, cleaned); !restored) return restored;
        ++report_.ended;
        return {};
    }

    Result<void> add_open() {
        auto keys = unknown_work(layout_, store_);
        if (!keys) return keys.error();
        // What was made of another job comes behind it, and finds its number.
        std::stable_partition(keys->begin(), keys->end(),
                              [&](const std::string& key) { return !read_origin(layout_, key); });
        auto bundled = bundled_jobs(layout_);
        if (!bundled) return bundled.error();
        bundled_ = std::move(*bundled);
        for (const std::string& key : *keys)
            if (auto added = add_open_job(key); !added) return added;
        const auto bundles = add_unknown_bundles(layout_, store_, now_);
        return bundles ? Result<void>() : bundles.error();
    }

    Result<void> add_open_job(const std::string& key) {
        store::Job job;
        job.key = key;
        const auto dropped = read_dropped(layout_, key);
        job.name = dropped ? dropped->name : "recovered-" + key.substr(0, 8);
        if (dropped) job.queue = dropped->queue;
        job.created_at = claimed_at(layout_, key);
        job.recovered_at = now_;
        take_terms(job, terms_of(settings_, job.queue));
        const auto inherits = take_origin(job);
        if (!inherits) return inherits.error();
        auto plan = read_plan_file(layout_.plan(key));
        if (!plan && plan.error().code == Errc::corrupt && !bundled_.contains(key)) {
            // It stays where it is until somebody has put the plan right, and holds up none of the others. Of
            // one that shares a batch that would take its rows from the batch, with their answers.
            report_.left.push_back(to_string(plan.error()));
            return {};
        }
        if (!plan && plan.error().code != Errc::not_found) return plan.error();
        if (plan) {
            job.state = plan->shards.empty() ? store::JobState::delivering : store::JobState::planned;
            job.requests = plan->totals.requests + plan->totals.bad_lines;
            job.failed = plan->totals.bad_lines;
            job.size_bytes = plan->totals.size_bytes;
            job.sha256 = plan->totals.sha256;
            take_terms(job, plan->terms);
        } else if (!has_input(key)) {
            report_.left.push_back(layout_.work_directory(key).string() + " has neither an input nor a plan");
            return {};
        } else if (!*inherits && !config::has_queue(settings_, job.queue)) {
            // By the rules of another queue it might go to another provider, and cost what nobody wants.
            report_.left.push_back(layout_.work_directory(key).string() + " is of the queue " + job.queue +
                                   ", which is not in the configuration: put [queue." + job.queue +
                                   "] back and run `batchd recover` again");
            return {};
        }
        const auto id = store_.jobs.restore(job, std::nullopt);
        if (!id) return id.error();
        job.id = *id;
        ++report_.open;
        if (!plan) return {};  // nothing of it was submitted: it is planned anew
        return add_plan(job, *plan);
    }

    /// Those of a file that was not read yet stood in the database alone. What holds for its queue now is
    /// nearer to them than what holds in general, which may be another provider's.
    static void take_terms(store::Job& job, const Terms& terms) {
        job.queue = terms.queue;
        job.provider = terms.provider;
        job.terms = to_json(terms);
    }

    /// So that the same is not made of the first job once more. True where it goes by the terms of that.
    Result<bool> take_origin(store::Job& job) {
        const auto origin = read_origin(layout_, job.key);
        if (!origin) return false;
        const auto first = store_.jobs.find_by_key(origin->job_key);
        if (!first) return first.error();
        if (!*first) return false;
        if (origin->kind == Origin::Kind::next) {
            job.chained_from = (*first)->id;
            return false;
        }
        if (origin->kind == Origin::Kind::retry) job.retry_of = (*first)->id;
        // It is the same job once more, or the rest of it.
        const auto terms = read_terms((*first)->terms);
        if (terms) take_terms(job, *terms);
        return terms.has_value();
    }

    /// What was on its way goes on, and what was still in its queue waits there again: nobody can say
    /// whether it was released, and what was sent all the same is found at the provider before it is sent.
    Result<void> add_plan(const store::Job& job, const Plan& plan) {
        if (auto asked = store_.budgets.record_asks(job.id, to_json(asked_of(plan.shards))); !asked)
            return asked;
        if (plan.shards.empty()) return {};
        const bool collects = waits_for_company(settings_, job.queue);
        const auto begun = begun_of(job);
        if (!begun) return begun.error();
        if (*begun || (!collects && !budget_of(settings_, job.queue))) {
            // It counts in its queue's budget from then on; what it costs about is reckoned there.
            auto released = store_.waiting_jobs.record_released(job.id, begun->value_or(now_));
            return released ? add_first_attempts(job, plan) : released;
        }
        auto done = store_.waiting_jobs.record_waiting(job.id);
        if (done && !collects) done = store_.waiting_jobs.record_due(job.id);
        return done;
    }

    /// When it went on its way; nothing where it has not.
    Result<std::optional<TimePoint>> begun_of(const store::Job& job) const {
        const auto bundled = bundled_.find(job.key);
        auto begun = bundled == bundled_.end() ? begun_at(layout_, job.key)
                                               : Result<std::optional<TimePoint>>(bundled->second);
        if (begun && *begun) *begun = std::max(**begun, job.created_at);
        return begun;
    }

    /// Later attempts come about again as these are collected, with the same requests and the same keys.
    Result<void> add_first_attempts(const store::Job& job, const Plan& plan) {
        for (const Shard& shard : plan.shards)
            if (auto added = store_.batches.add(first_attempt(job, plan.terms, shard, job.created_at));
                !added)
                return added;
        return {};
    }

    /// The claimed file, or the reason for which it was on its way into rejected/: the planner goes on with
    /// both.
    bool has_input(const std::string& key) const {
        std::error_code ignored;
        return fs::exists(fs::symlink_status(layout_.input(key), ignored)) ||
               fs::exists(fs::symlink_status(layout_.reason(key), ignored));
    }

    const spool::Layout& layout_;
    const config::Settings& settings_;
    const config::Spool& spool_;
    std::map<std::string, TimePoint> bundled_;  // jobs, by their keys
    store::Store& store_;
    TimePoint now_;
    RecoveryReport report_;
};

}  // namespace

Result<RecoveryReport> recover(const spool::Layout& layout, const config::Settings& settings,
                               store::Store& store, TimePoint now) {
    return Recovery(layout, settings, store, now).run();
}

Result<std::vector<std::string>> jobs_at_work(const spool::Layout& layout) {
    auto keys = keys_in_work(layout);
    if (!keys) return keys.error();
    std::vector<std::string> jobs;
    for (std::string& key : *keys) {
        const auto holds = holds_files(layout.work_directory(key));
        if (!holds) return holds.error();
        if (*holds) jobs.push_back(std::move(key));
    }
    return jobs;
}

Result<std::vector<std::string>> unknown_work(const spool::Layout& layout, store::Store& store) {
    auto keys = jobs_at_work(layout);
    if (!keys) return keys.error();
    const auto delivering = store.jobs.keys_in_state(store::JobState::delivering);
    if (!delivering) return delivering.error();
    // Of files that grew, and next steps: known once their first job is delivered. Their folders are there
    // before their rows, which come with the end of the first job.
    std::set<std::string> rests;
    for (const store::JobKey& job : *delivering) rests.insert({rest_key(job.key), next_key(job.key)});
    std::vector<std::string> unknown;
    for (std::string& key : *keys) {
        if (rests.contains(key)) continue;
        const auto known = store.jobs.find_by_key(key);
        if (!known) return known.error();
        if (!*known) unknown.push_back(std::move(key));
    }
    return unknown;
}

}  // namespace batchd::engine
