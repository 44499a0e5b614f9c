#include "engine/doubt/lost_attempts.hpp"

#include <algorithm>
#include <cctype>
#include <limits>

#include <fcntl.h>

#include "engine/attempt_key.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/look/find_upload.hpp"
#include "engine/look/lookup.hpp"
#include "engine/origin.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::FailureKind;

namespace {

constexpr std::size_t kIdBytesMax = 64 * 1024;
/// More would be a circle, which nobody makes.
constexpr unsigned kMadeOfMax = 1000;
/// A "no" to the listing counts when it comes twice in a row: a load balancer may have said it.
constexpr unsigned kRefusalsMax = 2;
/// Looks at the list of files for one batch that failed, after which the database is believed.
constexpr unsigned kFailedFileLooksMax = 3;
constexpr Millis kBetweenRefusals = std::chrono::seconds(1);

/// It becomes part of an address, and anybody who may write into work/ may have written it.
bool is_plain_id(std::string_view text) {
    const auto plain = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
    };
    return !text.empty() && text.size() <= kIdBytesMax && std::all_of(text.begin(), text.end(), plain);
}

/// The id that was noted; nothing where there is no note that can be read.
std::optional<std::string> read_note(const Path& path) {
    auto text = read_file(path, kIdBytesMax + 1);
    if (!text) return std::nullopt;
    if (text->ends_with('\n')) text->pop_back();
    if (!is_plain_id(*text)) return std::nullopt;
    return std::move(*text);
}

}  // namespace

LostAttempts::AtStart LostAttempts::all_of(store::Store& store) {
    constexpr auto kAny = std::numeric_limits<std::int64_t>::max();
    const auto job = store.jobs.newest();
    const auto command = store.commands.newest();
    return {job ? *job : store::JobId{kAny}, command ? *command : kAny};
}

LostAttempts::LostAttempts(const Ports& ports, Surveyor& surveyor, AtStart at_start)
    : ports_(ports),
      surveyor_(surveyor),
      bundles_({ports.layout, ports.store, ports.clock, ports.pool, ports.journal, ports.name, ports.provider,
                ports.executor}),
      at_start_(at_start),
      may_look_at_(ports.clock.uptime() + ports.account.list_lag) {}

Path LostAttempts::note_of(const store::Batch& batch, const store::Job& job) const {
    return ports_.layout.shard_file(job.key, {batch.shard, batch.attempt}, spool::ShardFile::batch_id);
}

void LostAttempts::note(const store::Batch& batch, const store::Job& job, const std::string& batch_id) const {
    // Written in place and not synced: what a power cut takes of it the listings still have.
    const auto file = open_file(note_of(batch, job), O_WRONLY | O_CREAT | O_TRUNC);
    const auto written = file ? write_all(file->get(), batch_id + "\n") : Result<void>(file.error());
    if (!written)
        ports_.journal.log(EventKind::waiting, {}, "noting a batch in work/: " + to_string(written.error()));
}

bool LostAttempts::may_have_been_sent(const store::Sharing& member) const {
    return member.job <= at_start_.newest_job || member.is_made_of_another || is_made_key(member.job_key);
}

bool LostAttempts::may_have_been_sent(const store::Batch& batch, const store::Job& job) const {
    if (!batch.is_shared()) return was_there_at_the_start(job);
    // What it is told of has the key of the bundle there, which says nothing of where the jobs are from. Each
    // of them was looked for before they came together, so that the first tells whether they did before the
    // start.
    const auto first = ports_.store.jobs.find(job.id);
    return !first || !*first || was_there_at_the_start(**first);
}

/// What batchd makes of a job bears a key that follows from that job's. So if this is an old copy, what is
/// made now of a job that was there may have been made, sent and paid under the same key before; and the same
/// goes for what is made of that.
bool LostAttempts::was_there_at_the_start(const store::Job& job) const {
    store::Job at = job;
    for (unsigned steps = 0; steps < kMadeOfMax; ++steps) {
        if (at.recovered_at || at.id <= at_start_.newest_job) return true;
        // The key of a retry follows from its command as well, which may have been done before the start.
        if (at.retry_of && ports_.store.commands.may_have_made(at.key, at_start_.newest_command)) return true;
        auto first = made_of(at);
        // Who does not know has to look: it costs less than to pay again.
        if (!first) return true;
        if (first->id == at.id) return false;
        at = std::move(*first);
    }
    return true;
}

std::optional<store::Job> LostAttempts::made_of(const store::Job& job) const {
    const auto number = job.retry_of ? job.retry_of : job.chained_from;
    if (!number && !is_made_key(job.key)) return job;
    // Of the rest of a file no column tells.
    const auto origin = number ? std::nullopt : read_origin(ports_.layout, job.key);
    if (!number && !origin) return std::nullopt;
    auto first = number ? ports_.store.jobs.find(*number) : ports_.store.jobs.find_by_key(origin->job_key);
    return first ? std::move(*first) : std::nullopt;
}

asio::awaitable<LostAttempts::Search> LostAttempts::look_for(const store::Batch& batch,
                                                             const store::Job& job) {
    if (!may_have_been_sent(batch, job)) co_return Search{};
    Search search = co_await look_there(batch, job);
    if (search.wait || search.found) co_return search;
    // It never had a batch, or nobody knows of one. What was made of it before the database was lost is
    // asked for only now: an attempt that is there is collected like any other, and its successor follows.
    const auto successor = successor_of(ports_.layout, job.key, {batch.shard, batch.attempt});
    if (!successor)
        search.wait = postponed(successor.error());
    else
        search.successor = *successor;
    co_return search;
}

asio::awaitable<LostAttempts::Search> LostAttempts::look_there(const store::Batch& batch,
                                                               const store::Job& job) {
    if (auto noted = read_note(note_of(batch, job))) {
        std::string batch_id = std::move(*noted);
        co_return co_await ask_for(batch, std::move(batch_id));
    }
    co_return co_await look_through_listing(batch);
}

asio::awaitable<LostAttempts::Search> LostAttempts::ask_for(const store::Batch& batch, std::string batch_id) {
    auto object = co_await ports_.provider.retrieve(batch_id);
    Search search;
    const AskedBatch asked{.key = batch.key, .input_file_id = {}, .endpoint = batch.endpoint};
    if (object && fit_of(*object, asked) == Fit::foreign) {
        search.wait =
            Postponed{.why = batch_id + ", noted in work/, is somebody else's batch now", .is_its_own = true};
    } else if (object) {
        search.found = std::move(*object);
    } else if (provider::says_it_is_not_there(object.error())) {
        // It was there, and what it ran may have been charged: on record it is `gone`, and not sent again.
        search.found.emplace();
        search.found->id = batch_id;
        search.found->status_word = "unknown";
        search.found->input_file_id = batch.input_file_id;
        search.found->created_at = batch.created_at;
    } else {
        search.wait = postponed(object.error(), "looking for a batch of before the database was lost");
        search.wait->is_its_own = true;
    }
    co_return search;
}

asio::awaitable<LostAttempts::Search> LostAttempts::look_through_listing(const store::Batch& batch) {
    Search search;
    if (const Millis now = ports_.clock.uptime(); now < may_look_at_) {
        search.wait =
            Postponed{.why = "waiting until the provider's list of batches shows all of before the start",
                      .until = Postponed::Until::delay,
                      .delay = may_look_at_ - now,
                      .is_usual = true};
        co_return search;
    }
    auto survey = co_await surveyor_.look(may_look_at_);
    if (!survey) {
        search.wait = no_listing(survey.error());
        co_return search;
    }
    refusals_ = 0;
    BatchSearch wanted;
    auto unknown = unknown_of(ports_.store, **survey, batch);
    if (!unknown) {
        search.wait = postponed(unknown.error());
        co_return search;
    }
    wanted.found = std::move(*unknown);
    if (wanted.found.empty() && batch.input_file_id.empty() && (*survey)->shows_unmarked()) {
        // Ours may be one that is shown without its mark: it is known by its file, and that by its name.
        const auto file = co_await find_upload(ports_.provider, batch, ports_.clock.now());
        const bool may_come = !file && !says_that_there_is_no_listing(file.error()) &&
                              ++failed_file_looks_[batch.id.value] < kFailedFileLooksMax;
        if (may_come)
            search.wait = postponed(file.error(), "looking for a file of before the database was lost");
        else if (file && *file)
            wanted.found = (*survey)->find(batch.key, (*file)->id);
    }
    if (wanted.found.empty() && !batch.is_shared()) search.wait = co_await look_for_bundles(batch, **survey);
    if (wanted.found.empty()) co_return search;
    search.found = wanted.take_furthest();
    search.others = wanted.ids();
    co_return search;
}

/// What was sent together with others bears another mark; once it is on record, this row is no more.
asio::awaitable<Progress> LostAttempts::look_for_bundles(const store::Batch& batch,
                                                         const BatchSurvey& survey) {
    if (auto wait = co_await bundles_.look(survey)) co_return wait;
    const auto still_there = ports_.store.batches.find(batch.id);
    if (!still_there) co_return postponed(still_there.error());
    if (*still_there) co_return std::nullopt;
    co_return Postponed{.why = "it is in a batch that others share", .is_usual = true};
}

/// Without a list of batches nobody can look, and the database, which says that it was never sent, is
/// believed.
Progress LostAttempts::no_listing(const provider::Failure& failure) {
    if (!says_that_there_is_no_listing(failure)) {
        refusals_ = 0;
        return postponed(failure, "looking whether it was sent before the start");
    }
    if (++refusals_ >= kRefusalsMax) return std::nullopt;
    return Postponed{.why = "looking whether it was sent before the start: " + provider::to_string(failure),
                     .until = Postponed::Until::delay,
                     .delay = std::min(kBetweenRefusals, ports_.settings.retry.max_backoff)};
}

}  // namespace batchd::engine
