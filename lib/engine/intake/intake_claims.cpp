#include <boost/system/errc.hpp>

#include "base/async/run_blocking.hpp"
#include "base/uuid.hpp"
#include "config/effective.hpp"
#include "engine/intake/intake.hpp"
#include "engine/terms/terms.hpp"
#include "engine/work_directory.hpp"
#include "spool/inbox/inbox_name.hpp"
#include "spool/set_aside.hpp"

/// How a file that is ready becomes a job: the row first, then the rename; and what undoes or finishes it.
namespace batchd::engine {

namespace asio = boost::asio;
namespace errc = boost::system::errc;
using spool::Candidate;
using spool::LeftReason;

namespace {

bool is_permission(const Error& error) {
    return error.code == errc::permission_denied || error.code == errc::operation_not_permitted;
}

}  // namespace

/// Events tell that a writer has closed the file, but not whether there is another one.
asio::awaitable<std::vector<Candidate>> Intake::closed_ones(std::vector<Candidate> candidates) {
    const Path& inbox = inbox_;
    const auto writers =
        co_await run_blocking(ports_.pool, [&] { return spool::look_for_writers(inbox, candidates); });
    std::vector<Candidate> closed;
    for (std::size_t i = 0; i < candidates.size(); ++i)
        if (may_take(candidates[i], writers[i])) closed.push_back(std::move(candidates[i]));
    co_return closed;
}

bool Intake::may_take(const Candidate& candidate, const Result<spool::Writers>& writers) {
    if (!writers && is_permission(writers.error())) {
        left_.add(LeftReason::permission, candidate.name);
        return false;
    }
    if (writers && *writers == spool::Writers::forbidden)
        say_once(
            "",
            "whether somebody still has a file of another user open can't be told without the capability "
            "CAP_LEASE, which the packaged service has: such files are taken once they have stood still");
    // Whatever else is wrong, the claim meets it too, and says so.
    if (!writers || *writers != spool::Writers::some) return true;
    return !waits(candidate, settling_.observe_open(candidate, ports_.clock.uptime()));
}

asio::awaitable<void> Intake::claim(std::vector<Candidate> ready) {
    const auto candidates = co_await closed_ones(std::move(ready));
    // A reload may have removed the queue meanwhile: what lies in its folder stays there, for under the rules
    // of no queue it would go to the general provider.
    if (candidates.empty() || !config::has_queue(ports_.settings, queue_)) co_return;
    // The row comes before the rename: a crash between them leaves a row whose file is still in the inbox,
    // which a start sees, and never a file in work/ that nobody knows of.
    const auto jobs = add_jobs(candidates);
    if (!jobs) {
        say_once(candidates.front().name, to_string(jobs.error()));
        for (const Candidate& candidate : candidates)
            left_.add(LeftReason::failed, candidate.name + ": " + jobs.error().code.message());
        co_return;
    }
    std::vector<spool::Claim> claims;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const Candidate& candidate = candidates[i];
        claims.push_back(
            {candidate.name, candidate.id, candidate.stamp, ports_.layout.input((*jobs)[i].key), queue_});
    }
    for (const store::Job& job : *jobs) moving_.insert(job.id);
    const Path& inbox = inbox_;
    const auto results =
        co_await run_blocking(ports_.pool, [&] { return spool::claim_files(inbox, claims); });
    for (const store::Job& job : *jobs) moving_.erase(job.id);
    for (const Candidate& candidate : candidates) settling_.forget(candidate.name);
    conclude(*jobs, claims, results);
    ports_.wakes.planner.raise();
    ports_.wakes.progressed();
}

Result<std::vector<store::Job>> Intake::add_jobs(const std::vector<Candidate>& candidates) {
    std::vector<store::Job> jobs;
    // The rules of the moment in which the file is taken. From here on they belong to the job.
    const Terms terms = terms_of(ports_.settings, queue_);
    const std::string frozen = to_json(terms);
    const auto added = ports_.store.database.transact([&]() -> Result<void> {
        for (const Candidate& candidate : candidates) {
            store::Job job;
            job.key = random_key();
            job.name = spool::job_name(candidate.name);
            job.size_bytes = candidate.stamp.size_bytes;
            job.created_at = ports_.clock.now();
            job.device = candidate.id.device;
            job.inode = candidate.id.inode;
            job.queue = terms.queue;
            job.provider = terms.provider;
            job.terms = frozen;
            const auto id = ports_.store.jobs.add(job);
            if (!id) return id.error();
            job.id = *id;
            jobs.push_back(std::move(job));
        }
        return {};
    });
    if (!added) return added.error();
    return jobs;
}

void Intake::conclude(const std::vector<store::Job>& jobs, const std::vector<spool::Claim>& claims,
                      const std::vector<Result<spool::Claimed>>& results) {
    // One commit for the whole group: each costs a sync, and a thousand small files are dropped at once.
    const auto noted = ports_.store.database.transact([&]() -> Result<void> {
        for (std::size_t i = 0; i < jobs.size(); ++i)
            if (results[i])
                ports_.journal.note(EventKind::job_claimed, jobs[i],
                                    with_commas(results[i]->stamp.size_bytes) + " bytes");
        return {};
    });
    if (!noted) say_once("", "not recorded in events: " + to_string(noted.error()));
    for (std::size_t i = 0; i < jobs.size(); ++i)
        if (!results[i]) undo(jobs[i], claims[i], results[i].error());
}

void Intake::undo(const store::Job& job, const spool::Claim& claim, const Error& why) {
    const std::string& name = claim.name;
    if (why.code == Errc::changed) next_scan_ = Millis{0};  // what is there now is for a new claim
    // Without the place in work/, which is another one at each try.
    const bool is_ours = why.code != Errc::not_found && why.code != Errc::changed;
    if (is_ours) say_once(name, to_string(why), why.code.message());
    // A failure behind the rename leaves the file with us, and then the job stays; so it does while nobody
    // can tell.
    if (keeps_unfinished(job, claim)) return;
    const auto taken = spool::is_taken(inbox_, claim);
    if (!taken || *taken) return;
    // An inbox that went away in the middle of the copy has it still: the planner waits for that.
    const auto aside =
        spool::look_for_set_aside(ports_.layout.work_directory(job.key), inbox_, job.name, job.key);
    if (!aside || *aside == spool::Aside::away) return;
    // A file that got its name back comes with an event of the kernel, as one that was moved in; what was in
    // the way, such as a full disk, is in the way of the next claim as well.
    if (is_ours) put_off(name, why);
    // The row goes last: while it is there, somebody knows of the directory.
    auto undone = remove_work_directory(ports_.layout, job.key);
    if (undone) undone = ports_.store.jobs.forget(job.id);
    if (!undone) say_once(name, to_string(undone.error()));
}

/// Shown as left alone until the next try, and by that for as long as it fails.
void Intake::put_off(const std::string& name, const Error& why) {
    Failed failed{.until = ports_.clock.uptime() + ports_.settings.spool.scan_interval, .shown = name};
    if (is_permission(why))
        failed.reason = LeftReason::permission;
    else
        failed.shown += ": " + why.code.message();
    left_.add(failed.reason, failed.shown);
    failed_[name] = std::move(failed);
}

/// True when the file was set aside in the inbox and could not be copied: each scan tries again.
bool Intake::keeps_unfinished(const store::Job& job, const spool::Claim& claim) {
    // Across file systems a claim is a copy, and the disk may be full: the file stays set aside in the
    // inbox, where nobody else takes it.
    const auto copied = file_exists(claim.destination);
    const auto taken = spool::is_taken(inbox_, claim);
    if (!copied || *copied || !taken || !*taken) return false;
    unfinished_.push_back({job, claim});
    // It is ours by its name now, whatever was written to it since.
    unfinished_.back().claim.stamp.reset();
    moving_.insert(job.id);
    return true;
}

asio::awaitable<void> Intake::finish_the_unfinished() {
    std::vector<store::Job> jobs;
    for (Unfinished& one : std::exchange(unfinished_, {})) jobs.push_back(std::move(one.job));
    if (!jobs.empty()) co_await finish_group(std::move(jobs));
    ports_.wakes.planner.raise();
}

asio::awaitable<void> Intake::finish_claims(std::vector<store::Job> claimed) {
    // That another daemon has it is said at once; whatever else is wrong with it, the first scan says.
    if (auto owned = own_inbox(); !owned && owned.error().code == Errc::locked) inbox_fails(owned.error());
    std::vector<store::Job> jobs;
    for (std::size_t i = 0; i < claimed.size(); ++i) {
        jobs.push_back(std::move(claimed[i]));
        if (jobs.size() == kGroupMax || i + 1 == claimed.size())
            co_await finish_group(std::exchange(jobs, {}));
    }
}

asio::awaitable<void> Intake::finish_group(std::vector<store::Job> jobs) {
    std::vector<spool::Claim> claims;
    for (const store::Job& job : jobs)
        claims.push_back({spool::file_name(job.name),
                          {job.device, job.inode},
                          // Known by its inode alone: whatever was written to it since the claim is read with
                          // it.
                          std::nullopt,
                          ports_.layout.input(job.key),
                          queue_});
    const Path& inbox = inbox_;
    const auto results =
        co_await run_blocking(ports_.pool, [&] { return spool::claim_files(inbox, claims); });
    for (const store::Job& job : jobs) moving_.erase(job.id);
    // Not there under either name: it was published as rejected, or never taken. The planner tells these
    // apart.
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (results[i] || results[i].error().code == Errc::not_found) continue;
        if (results[i].error().code != Errc::changed) say_once(claims[i].name, to_string(results[i].error()));
        keeps_unfinished(jobs[i], claims[i]);
    }
}

}  // namespace batchd::engine
