#include "engine/clean/cleaner.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/task_group.hpp"
#include "config/effective.hpp"
#include "engine/clean/file_sweeper.hpp"
#include "engine/clean/in_use.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/work_directory.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// Nobody waits for it: a few, so that their commits are shared where thousands of jobs end at once.
constexpr unsigned kJobSlots = 4;

/// The answers in a result file are safe once they are in the outbox, and only then.
bool may_have_unread_answers(const store::Batch& batch) {
    if (batch.lost > 0) return true;
    // What ended otherwise than by the provider's own word may have results that nobody has fetched.
    return batch.outcome && *batch.outcome != store::Outcome::ended;
}

/// The page of something on the way may say that there is no such file for a while, but not for a day.
bool will_be_refused_again(const provider::Failure& failure, const store::Job& job, TimePoint now) {
    using Kind = provider::FailureKind;
    if (failure.kind == Kind::not_found) return now - job.finished_at.value_or(now) > std::chrono::hours(24);
    return failure.kind == Kind::refused || failure.kind == Kind::conflict ||
           failure.kind == Kind::unsupported;
}

std::set<std::string> files_to_delete(const store::Batch& batch) {
    std::set<std::string> files{batch.input_file_id};
    if (!may_have_unread_answers(batch)) files.insert({batch.output_file_id, batch.error_file_id});
    files.erase("");
    return files;
}

}  // namespace

Cleaner::Cleaner(const Ports& ports)
    : ports_(ports),
      commits_(ports.store.database, ports.wakes.executor()),
      worker_(ports.clock, ports.own_wakes.cleaner,
              {.slots = kJobSlots, .backoff = row_backoff(ports.settings.retry)},
              {.find = ids_of([this](std::size_t count_max) {
                   return ports_.store.jobs.to_clean(ports_.name, count_max);
               }),
               .work = [this](std::int64_t id) { return clean(id); },
               .say = [this](std::int64_t id,
                             const std::string& why) { ports_.journal.waiting(store::JobId{id}, why); }}),
      bundles_(
          ports.clock, ports.own_wakes.bundle_cleaner,
          {.slots = 1, .backoff = row_backoff(ports.settings.retry)},
          {.find = ids_of([this](std::size_t) { return ports_.store.bundles.to_clean(ports_.name); }),
           .work = [this](std::int64_t id) { return clean_bundle(id); },
           .say = [this](std::int64_t id,
                         const std::string& why) { ports_.journal.waiting(store::BatchRowId{id}, why); }}) {}

asio::awaitable<void> Cleaner::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(worker_.run());
    tasks.spawn(bundles_.run());
    co_await tasks.join();
}

asio::awaitable<Progress> Cleaner::clean(std::int64_t id) {
    const auto found = ports_.store.jobs.find(store::JobId{id});
    if (!found) co_return postponed(found.error());
    if (!*found) co_return std::nullopt;
    const store::Job& job = **found;
    auto batches = ports_.store.batches.of_job(job.id);
    if (!batches) co_return postponed(batches.error());
    // Others may need what it shares with them.
    std::erase_if(*batches, [](const store::Batch& batch) { return batch.is_shared(); });
    // The record comes last: a crash before it does all of this once more, and finds nothing left to do.
    if (auto wait = co_await remove(job, std::move(*batches))) co_return wait;
    const auto recorded = co_await commits_.transact(
        [&] { return ports_.store.jobs.record_cleaned(job.id, ports_.clock.now()); });
    if (!recorded) co_return postponed(recorded.error());
    // It may have been the last that needed what it shared.
    ports_.own_wakes.bundle_cleaner.raise();
    ports_.wakes.progressed();
    co_return std::nullopt;
}

Result<void> Cleaner::leave_to_others(const store::Job& job, const std::vector<store::Batch>& batches) {
    const auto is_ours = [this](const store::Batch& batch) { return batch.provider == ports_.name; };
    if (std::all_of(batches.begin(), batches.end(), is_ours)) return {};
    return ports_.store.database.transact([&]() -> Result<void> {
        for (const store::Batch& batch : batches) {
            // The key of one account can't delete what another one has: its own sweeper does.
            if (is_ours(batch)) continue;
            const config::Provider* const whose = config::find_provider(ports_.settings, batch.provider);
            if (whose == nullptr || !whose->delete_files) continue;
            for (const std::string& id : files_to_delete(batch))
                if (auto added = ports_.store.unused_files.add(batch.provider, id, job.id,
                                                               "its job is delivered", ports_.clock.now());
                    !added)
                    return added;
            ports_.wakes.of(batch.provider).sweeper.raise();
        }
        return {};
    });
}

asio::awaitable<Progress> Cleaner::clean_bundle(std::int64_t id) {
    const auto found = ports_.store.batches.find(store::BatchRowId{id});
    if (!found) co_return postponed(found.error());
    if (!*found) co_return std::nullopt;
    const std::string bundle = (*found)->bundle;
    auto owner = owner_of(ports_.store, **found);
    if (!owner) co_return postponed(owner.error());
    const auto rows = ports_.store.bundles.batches_of(bundle);
    if (!rows) co_return postponed(rows.error());
    std::vector<store::Batch> batches;
    for (const store::BatchRowId row : *rows) {
        auto batch = ports_.store.batches.find(row);
        if (!batch) co_return postponed(batch.error());
        if (*batch) batches.push_back(std::move(**batch));
    }
    if (*owner)
        if (auto wait = co_await remove(std::move(**owner), std::move(batches))) co_return wait;
    const auto recorded = ports_.store.database.transact(
        [&] { return ports_.store.bundles.record_cleaned(bundle, ports_.clock.now()); });
    if (!recorded) co_return postponed(recorded.error());
    ports_.wakes.progressed();
    co_return std::nullopt;
}

asio::awaitable<Progress> Cleaner::remove(store::Job owner, std::vector<store::Batch> batches) {
    // What others have to delete is put down first and the folder goes last: once it is on record as
    // cleaned, nobody looks at these batches again.
    if (auto wait = co_await note_second_uploads(ports_.store, ports_.clock, ports_.provider, ports_.name,
                                                 ports_.own_wakes.sweeper, owner, batches))
        co_return wait;
    if (auto left = leave_to_others(owner, batches); !left) co_return postponed(left.error());
    if (ports_.account.delete_files)
        if (auto wait = co_await delete_remote_files(owner, batches)) co_return wait;
    auto removed =
        co_await run_blocking(ports_.pool, [&] { return remove_work_directory(ports_.layout, owner.key); });
    co_return removed ? Progress() : postponed(removed.error());
}

asio::awaitable<Progress> Cleaner::delete_remote_files(const store::Job& job,
                                                       const std::vector<store::Batch>& batches) {
    std::set<std::string> files;  // attempts may share their input
    const provider::Identity now = ports_.provider.identity();
    for (const store::Batch& batch : batches) {
        if (batch.provider != ports_.name) continue;
        // Another address is another account's world: an id of ours may name a file of somebody else's
        // there.
        if (is_elsewhere(batch.base_url, now)) {
            ports_.journal.note(EventKind::waiting, job, batch,
                                "its files are left at " + batch.base_url + "; calls go elsewhere now");
            continue;
        }
        files.merge(files_to_delete(batch));
    }
    for (const std::string& id : files) {
        auto deleted = co_await ports_.provider.delete_file(id);
        if (deleted) ++ports_.wakes.deletions;
        // What is not there has been deleted by an earlier try, or by its owner.
        if (deleted || provider::says_it_is_not_there(deleted.error())) continue;
        const std::string what = "deleting " + id + " at the provider";
        if (is_in_use(ports_.provider, deleted.error()) ||
            !will_be_refused_again(deleted.error(), job, ports_.clock.now()))
            co_return postponed(deleted.error(), what);
        // Nothing of ours waits for it.
        ports_.journal.note(EventKind::waiting, job, what + ": " + provider::to_string(deleted.error()));
    }
    co_return std::nullopt;
}

}  // namespace batchd::engine
