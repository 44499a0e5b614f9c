#include "engine/clean/file_sweeper.hpp"

#include <map>

#include "engine/clean/in_use.hpp"
#include "engine/look/listing.hpp"
#include "engine/look/look_back.hpp"
#include "engine/look/lookup.hpp"
#include "engine/stage/row_backoff.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::FailureKind;

FileSweeper::FileSweeper(const Ports& ports)
    : ports_(ports),
      worker_(ports.clock, ports.own_wakes.sweeper, {.slots = 1, .backoff = row_backoff(ports.retry)},
              {.find =
                   [this](std::size_t count_max) {
                       return ports_.store.unused_files.to_delete(ports_.name, count_max);
                   },
               .work = [this](std::int64_t row) { return sweep(row); },
               .say = [this](std::int64_t,
                             const std::string& why) { ports_.journal.note(EventKind::waiting, why); }}) {}

asio::awaitable<void> FileSweeper::run() {
    return worker_.run();
}

asio::awaitable<Progress> FileSweeper::sweep(std::int64_t row) {
    // The row is forgotten only after the call: a deletion that is made twice does no harm, and one that is
    // forgotten leaves a file that somebody pays for.
    const auto file = ports_.store.unused_files.find(row);
    if (!file) co_return postponed(file.error());
    if (!*file) co_return std::nullopt;
    const std::string what = "deleting " + (*file)->file_id + " at the provider";
    auto deleted = co_await ports_.provider.delete_file((*file)->file_id);
    if (!deleted && !provider::says_it_is_not_there(deleted.error())) {
        const auto kind = deleted.error().kind;
        const bool is_final = kind == FailureKind::refused || kind == FailureKind::conflict;
        if (!is_final || is_in_use(ports_.provider, deleted.error()))
            co_return postponed(deleted.error(), what);
        // It will be refused the next time as well, and nothing of ours waits for it.
        ports_.journal.note(EventKind::waiting, what + ": " + provider::to_string(deleted.error()));
    }
    if (auto forgotten = ports_.store.unused_files.forget(row); !forgotten)
        co_return postponed(forgotten.error());
    ports_.journal.log(EventKind::file_deleted, {}, (*file)->file_id + ": " + (*file)->why);
    ports_.wakes.progressed();
    co_return std::nullopt;
}

namespace {

/// Names of the uploads that were, or may have been, made again, with the file that is on record for each.
struct Repeated {
    std::map<std::string, std::string> files;
    TimePoint since = TimePoint::max();
};

Repeated repeated_uploads(const store::Job& job, const std::vector<store::Batch>& batches) {
    Repeated repeated;
    for (const store::Batch& batch : batches) {
        // Of a job that was recovered nobody knows what had been uploaded.
        if (!batch.repeat_of && !job.recovered_at) continue;
        // Of two files with one name the one on record is in use, or is deleted with its job; the other one
        // is nobody's.
        repeated.files.emplace(remote_name(batch), batch.input_file_id);
        repeated.since = std::min(repeated.since, batch.repeat_of.value_or(job.created_at));
    }
    return repeated;
}

}  // namespace

asio::awaitable<Progress> note_second_uploads(store::Store& store, const Clock& clock,
                                              provider::Provider& provider, std::string account,
                                              Wake& sweeper, store::Job job,
                                              std::vector<store::Batch> batches) {
    const Repeated repeated = repeated_uploads(job, batches);
    if (repeated.files.empty()) co_return std::nullopt;
    LookBack back(repeated.since, clock.now());
    std::vector<std::string> second;
    auto fetch = [&provider](std::string after) { return provider.list_files(std::move(after)); };
    auto visit = [&](const provider::FileObject& file) {
        if (is_before(file.created_at, back.not_before(file.created_at))) return Visit::enough;
        const auto ours = repeated.files.find(file.filename);
        if (ours != repeated.files.end() && ours->second != file.id) second.push_back(file.id);
        return Visit::go_on;
    };
    auto extent = co_await walk_listing<provider::FileObject>(fetch, visit, kLookPagesMax);
    // Without a list of files nobody can find them, and nothing of ours waits for it.
    if (!extent && says_that_there_is_no_listing(extent.error())) co_return std::nullopt;
    if (!extent) co_return postponed(extent.error(), "looking for second uploads");
    // Noted, and deleted by the sweeper, which has the patience for a provider that refuses.
    for (const std::string& id : second)
        if (auto added = store.unused_files.add(account, id, job.id, "it was uploaded twice", clock.now());
            !added)
            co_return postponed(added.error());
    if (!second.empty()) sweeper.raise();
    co_return std::nullopt;
}

}  // namespace batchd::engine
