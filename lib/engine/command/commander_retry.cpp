/// What people ask for with `batchd retry`.

#include <boost/system/errc.hpp>

#include "base/async/run_blocking.hpp"
#include "base/log.hpp"
#include "engine/attempt_key.hpp"
#include "engine/command/command_rules.hpp"
#include "engine/command/commander.hpp"
#include "engine/command/earlier_retry.hpp"
#include "engine/queue/queue_folders.hpp"
#include "engine/terms/terms.hpp"
#include "engine/work_directory.hpp"
#include "spool/inbox/inbox_name.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

Commander::Step Commander::retry(store::Command command, store::Job job) {
    const auto key = key_for_retry(command, job);
    if (!key) co_return postponed(key.error());
    const auto why_not = co_await why_not_again(job, *key, command.job_key);
    if (!why_not) co_return postponed(why_not.error());
    if (*why_not) {
        Outcome refused{false, **why_not};
        co_return co_await refuse_retry(std::move(command), std::move(job), std::move(refused));
    }
    // The key of the new job is on record before the first of its files is written, so that after a crash
    // the same folder is written again and not a second one.
    if (command.job_key.empty()) {
        command.job_key = *key;
        if (auto chosen = ports_.store.commands.record_job_key(command.id, command.job_key); !chosen)
            co_return postponed(chosen.error());
    }
    const auto terms = terms_of(job, ports_.settings);
    if (!terms) {
        Outcome refused{false, title(job) + " is not sent again: " + terms.error().context};
        co_return co_await refuse_retry(std::move(command), std::move(job), std::move(refused));
    }
    auto input = co_await run_blocking(ports_.pool, [&]() -> Result<RetryInput> {
        return write_retry_input(ports_.layout, command.job_key, job, *terms);
    });
    // A folder that was taken away, or an input that was altered, does not come back by waiting: the command
    // ends with a sentence. Anything else is tried again.
    if (!input && input.error().code != boost::system::errc::no_such_file_or_directory &&
        input.error().code != Errc::changed)
        co_return postponed(input.error());
    if (input && input->requests > 0) co_return add_retry(command, job, *terms, *input);
    Outcome refused{false, input ? "none of the failed lines of " + title(job) +
                                       " is a request that can be sent; mend them and drop them again"
                                 : "the failed requests of " + title(job) +
                                       " can't be read any more: " + to_string(input.error())};
    if (!input && input.error().code == Errc::changed)
        refused.sentence = title(job) + " is not sent again: " + input.error().context;
    co_return co_await refuse_retry(std::move(command), std::move(job), std::move(refused));
}

/// Numbers of commands begin anew with a database that is lost, so that a key may be one of before.
Result<std::string> Commander::key_for_retry(const store::Command& command, const store::Job& job) {
    if (!command.job_key.empty()) return command.job_key;
    std::string key = retry_key(job.key, command.id);
    for (;;) {
        const auto known = ports_.store.jobs.find_by_key(key);
        if (!known) return known.error();
        // One that was rejected has sent nothing, and may be asked for again; any other one is in the way.
        if (!*known || (*known)->state != store::JobState::rejected) return key;
        key = retry_key(key, command.id);
    }
}

asio::awaitable<Result<std::optional<std::string>>> Commander::why_not_again(const store::Job& job,
                                                                             const std::string& key,
                                                                             const std::string& begun) {
    using WhyNot = std::optional<std::string>;
    auto earlier = ports_.store.jobs.last_retry_of(job.id);
    if (!earlier) co_return earlier.error();
    // Without the number of the first job on record, it is known by its key.
    const auto known = ports_.store.jobs.find_by_key(key);
    if (!known) co_return known.error();
    if (!*earlier && *known) *earlier = (*known)->id;
    if (auto why_not = why_not_retry(job, *earlier)) co_return WhyNot(std::move(*why_not));
    const Path outbox = folders_of(ports_.settings.spool, job.queue).outbox;
    const auto found =
        co_await run_blocking(ports_.pool, [&] { return find_retries(ports_.layout, outbox, job, key); });
    if (!found) co_return found.error();
    for (const FoundRetry& retry : *found) {
        if (retry.key == begun) continue;  // a crash came in the middle of this command
        const auto on_record = ports_.store.jobs.find_by_key(retry.key);
        if (!on_record) co_return on_record.error();
        // Its row was lost: what it sent is paid, and to send it again would pay it twice.
        if (!*on_record) co_return WhyNot(why_not_retry_unknown(job, retry.folder));
        if ((*on_record)->state != store::JobState::rejected)
            co_return WhyNot(why_not_retry(job, (*on_record)->id));
    }
    co_return WhyNot();
}

Commander::Step Commander::refuse_retry(store::Command command, store::Job job, Outcome outcome) {
    const auto known = ports_.store.jobs.find_by_key(command.job_key);
    if (!known) co_return postponed(known.error());
    // The folder of a job that is there is that job's own, whoever made it.
    if (!command.job_key.empty() && !*known) {
        const std::string& key = command.job_key;
        auto removed = co_await run_blocking(ports_.pool, [&] { return remove_unread(ports_.layout, key); });
        if (!removed) co_return postponed(removed.error());
    }
    const auto recorded =
        ports_.store.database.transact([&]() -> Result<void> { return record(command, job, outcome); });
    if (!recorded) co_return postponed(recorded.error());
    tell_of_outcome();
    co_return std::nullopt;
}

Progress Commander::add_retry(const store::Command& command, const store::Job& job, const Terms& terms,
                              const RetryInput& input) {
    store::Job again;
    again.key = command.job_key;
    again.name = job.name;
    again.size_bytes = input.size_bytes;
    again.created_at = ports_.clock.now();
    again.device = input.device;
    again.inode = input.inode;
    again.retry_of = job.id;
    again.queue = job.queue;
    again.provider = job.provider;
    // A retry is the same job once more: it inherits what its first half was taken under, whatever the
    // configuration says by now.
    again.terms = to_json(terms);
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        const auto id = ports_.store.jobs.add(again);
        if (!id) return id.error();
        again.id = *id;
        const std::string what =
            count_of(input.requests, "failed request", "failed requests") + " of " + title(job) + " again";
        ports_.journal.note(EventKind::job_claimed, again, what);
        const Outcome outcome{true, "job " + std::to_string(again.id.value) + " sends " + what};
        return record(command, job, outcome);
    });
    if (!recorded) return postponed(recorded.error());
    // Whom they go to may have left the configuration since.
    accounts_.ensure(again.provider);
    if (terms.fallback) accounts_.ensure(terms.fallback->provider);
    // Its input lies in work/ and its row says `claimed`: from here on it is like any other job.
    ports_.wakes.planner.raise();
    tell_of_outcome();
    return std::nullopt;
}

}  // namespace batchd::engine
