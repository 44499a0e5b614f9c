#include "engine/submit/submitter.hpp"

#include <boost/asio/this_coro.hpp>

#include "base/async/task_group.hpp"
#include "base/log.hpp"
#include "base/scope/member.hpp"
#include "engine/doubt/doubt.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/look/lookup.hpp"
#include "engine/prepare/mend_rows.hpp"
#include "engine/record/altered_input.hpp"
#include "engine/record/owner.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/row_backoff.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using store::BatchPhase;

namespace {

// Source: https://platform.openai.com/docs/api-reference/batch/create
constexpr std::size_t kMetadataPairsMax = 16;
constexpr std::size_t kMetadataValueMax = 512;  // characters

/// Batches of cancelled jobs that are taken up at once, whoever holds the slots: what was never sent needs no
/// connection, and those that are looked for first share one walk, which may wait for hours.
constexpr unsigned kTakenUpMax = 1000;

/// The job's name as a metadata value: printable, cut at a character, at most 512 of them.
std::string metadata_value(const std::string& name) {
    std::string value = printable(name);
    if (value.size() <= kMetadataValueMax) return value;
    std::size_t end = kMetadataValueMax;
    while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
    return value.substr(0, end);
}

/// Gives back what was admitted however the work on a batch ends.
class AdmittedRow {
public:
    AdmittedRow(Admission& admission, std::int64_t row) : admission_(admission), row_(row) {}
    AdmittedRow(const AdmittedRow&) = delete;
    AdmittedRow& operator=(const AdmittedRow&) = delete;
    ~AdmittedRow() { admission_.let_go(row_); }

private:
    Admission& admission_;
    std::int64_t row_;
};

}  // namespace

Submitter::Submitter(const Ports& ports, ModelHolds& holds, Surveyor& surveyor,
                     LostAttempts::AtStart at_start)
    : ports_(ports),
      holds_(holds),
      surveyor_(surveyor),
      lost_({ports.settings, ports.layout, ports.store, ports.clock, ports.pool, ports.journal, ports.name,
             ports.account, ports.provider, ports.wakes.executor()},
            surveyor, at_start),
      packing_({ports.settings, ports.layout, ports.store, ports.clock, ports.pool, ports.wakes, ports.name,
                ports.own_wakes},
               lost_),
      worker_(
          ports.clock, ports.own_wakes.submitter,
          {.slots = ports.account.max_connections,
           .backoff = row_backoff(ports.settings.retry),
           .spare = kTakenUpMax},
          {.find = ids_of([this](std::size_t count_max) { return packing_.find(count_max); }),
           .work = [this](std::int64_t id) { return take(id); },
           .say = [this](std::int64_t id,
                         const std::string& why) { ports_.journal.waiting(store::BatchRowId{id}, why); }}) {}

asio::awaitable<void> Submitter::run() {
    TaskGroup tasks(co_await asio::this_coro::executor);
    tasks.spawn(worker_.run());
    tasks.spawn(packing_.run());
    co_await tasks.join();
}

Submitter::Step Submitter::take(std::int64_t id) {
    const store::BatchRowId row{id};
    if (packing_.has_company(row)) {
        const auto is_cancelled = ports_.store.parts.any_cancelled(row);
        // Nobody goes with one that is taken back; and whether the others were sent already may not be known
        // for hours.
        if (is_cancelled && *is_cancelled)
            packing_.let_go(row);
        else if (auto wait = co_await packing_.bring_together(row))
            co_return wait;
    }
    auto progress = co_await advance(id);
    if (!progress) packing_.let_go(row);
    if (progress && progress->is_its_own)
        if (auto alone = packing_.leave_behind(row); !alone) co_return postponed(alone.error());
    co_return progress;
}

Submitter::Step Submitter::advance(std::int64_t id) {
    // Its tokens count as enqueued from the moment it is let in until the database counts them; else two
    // batches would both fit into the last of the room.
    const AdmittedRow admitted(admission_, id);
    for (;;) {
        auto batch = ports_.store.batches.find(store::BatchRowId{id});
        if (!batch) co_return postponed(batch.error());
        if (!*batch) co_return std::nullopt;
        auto job = owner_of(ports_.store, **batch);
        if (!job) co_return postponed(job.error());
        if (!*job) co_return std::nullopt;

        // Read anew after each step: a cancel, a command or a doubt may have changed the row while a call
        // was under way.
        const BatchPhase phase = (*batch)->phase;
        Progress progress;
        if (hurried_.contains(id) && phase <= BatchPhase::creating)
            progress = co_await give_up(**batch, **job);
        else if (is_ours_still(phase) && is_taken_back(**batch))
            progress = co_await look_first(**batch, **job, &Submitter::withdraw);
        else if (phase == BatchPhase::planned)
            progress = co_await look_first(**batch, **job, &Submitter::upload);
        else if (phase == BatchPhase::uploading)
            progress = co_await settle_upload(**batch, **job);
        else if (phase == BatchPhase::uploaded)
            progress = co_await look_first(**batch, **job, &Submitter::create);
        else if (phase == BatchPhase::creating)
            progress = co_await settle_creation(**batch, **job);
        else
            co_return std::nullopt;
        if (progress) co_return progress;
    }
}

TimePoint Submitter::glance_until() const {
    return ports_.clock.now() + twin_glance(ports_.settings.poll.interval, ports_.account.list_lag);
}

bool Submitter::is_made_elsewhere(const store::Batch& batch) const {
    return is_elsewhere(batch.base_url, ports_.provider.identity());
}

store::MadeUnder Submitter::made_under() const {
    const provider::Identity account = ports_.provider.identity();
    return {account.base_url, account.digest};
}

Submitter::Step Submitter::look_first(const store::Batch& batch, const store::Job& job, Call call) {
    auto search = co_await lost_.look_for(batch, job);
    if (search.wait) co_return search.wait;
    const Successor successor = search.successor;
    if (!search.found) search = co_await look_after_refusal(batch, call);
    if (search.wait) co_return search.wait;
    // What was cut ends by itself before it is sent, and what is withdrawn is not sent at all.
    const bool has_gone_on = successor == Successor::fallback || successor == Successor::same;
    if (!search.found && has_gone_on && call != &Submitter::withdraw)
        co_return end_as_before(batch, job, successor);
    if (!search.found) co_return co_await (this->*call)(batch, job);
    // Before ours is adopted: as long as the row is not at its batch, a crash leads back here, and the
    // others are found again.
    if (auto wait = co_await cancel_twins(search.others, batch, job)) co_return wait;
    co_return adopt(batch, job, *search.found);
}

Progress Submitter::end_as_before(const store::Batch& batch, const store::Job& job, Successor successor) {
    store::Sighting end;
    // An attempt that never had a batch was refused, or taken back, and only by the former its requests go
    // to the fallback. The lines of the next attempt are then made again as they were, under the same mark.
    const bool was_refused = successor == Successor::fallback;
    end.status = was_refused ? "refused" : "cancelled";
    end.outcome = was_refused ? store::Outcome::no_batch : store::Outcome::withdrawn;
    end.error = "its requests went on as another attempt before the database was lost or put back";
    return end_as(batch, job, end, EventKind::doubt_settled, end.error);
}

Submitter::Step Submitter::upload(const store::Batch& batch, const store::Job& job) {
    const Clearance clearance = clear(batch, job);
    if (!clearance.terms) co_return clearance.wait;

    // The turn is waited for before the intent is committed: what waits in an outage has sent nothing, and
    // is in no doubt after a crash.
    auto turn = co_await ports_.provider.enter(provider::CallKind::upload);
    if (is_taken_back(batch)) co_return std::nullopt;  // withdrawn next
    const auto begun = ports_.store.database.transact([&]() -> Result<void> {
        if (auto running = ports_.store.parts.start_jobs(batch.id); !running) return running;
        return ports_.store.batches.begin(batch.id, BatchPhase::uploading, ports_.clock.now(), made_under());
    });
    if (!begun) co_return postponed(begun.error());

    Path file = ports_.layout.shard_file(job.key, {batch.shard, batch.attempt}, spool::ShardFile::prepared);
    std::string name = remote_name(batch);
    auto uploaded = co_await ports_.provider.upload(std::move(turn), std::move(file), std::move(name));
    if (!uploaded) {
        // It may be our own disk that could not be read, and what was on it can be made again.
        bool is_readable = true;
        if (uploaded.error().kind == provider::FailureKind::local)
            is_readable =
                co_await mend_rows(ports_.pool, ports_.layout, ports_.journal, job, batch, *clearance.terms);
        auto wait = upload_failed(batch, job, uploaded.error());
        if (wait && !is_readable) {
            wait->is_its_own = true;
            say_unreadable(batch, job, *wait);
        }
        co_return wait;
    }
    // The answer may be that of another call, from a cache or a gateway that mixes them up.
    if (fit_of(*uploaded, SentFile{remote_name(batch), batch.size_bytes}) == Fit::foreign)
        co_return upload_is_another(batch, job, *uploaded);
    // Where this fails the row stays in `uploading`, and the file is found by its name.
    if (auto recorded = ports_.store.batches.record_upload(batch.id, uploaded->id); !recorded)
        co_return postponed(recorded.error());
    lost_uploads_.erase(batch.id.value);
    ports_.journal.log(EventKind::batch_uploaded, {.job = job.name, .batch = {}},
                       with_commas(batch.size_bytes) + " bytes as " + uploaded->id);
    co_return std::nullopt;
}

/// Whose file it is stands in the reason, where files share the batch.
void Submitter::say_unreadable(const store::Batch& batch, store::Job job, Postponed& wait) {
    if (batch.is_shared()) return;
    const std::string id = std::to_string(job.id.value);
    const std::string way_out =
        "; put it back as it was, or `batchd cancel " + id + "` ends the job with what is answered";
    wait.why += way_out;
    const auto said = record_altered(
        ports_.store, ports_.journal, job,
        "what was not sent yet of its file is not there as it was read, and can't be sent" + way_out);
    if (!said) wait.why += "; not recorded: " + to_string(said.error());
}

Submitter::Step Submitter::create(const store::Batch& batch, const store::Job& job) {
    if (is_made_elsewhere(batch)) {  // its file is not here: an upload is free
        if (auto back = ports_.store.batches.step_back(batch.id, BatchPhase::planned); !back)
            co_return postponed(back.error());
        co_return std::nullopt;
    }
    const Clearance clearance = clear(batch, job);
    if (!clearance.terms) co_return clearance.wait;
    const Terms& terms = *clearance.terms;
    auto turn = co_await ports_.provider.enter(provider::CallKind::create);
    if (is_taken_back(batch)) co_return std::nullopt;  // withdrawn next
    if (auto begun =
            ports_.store.batches.begin(batch.id, BatchPhase::creating, ports_.clock.now(), made_under());
        !begun)
        co_return postponed(begun.error());
    admission_.let_go(batch.id.value);  // from here on the database counts it
    packing_.let_go(batch.id);          // and the next of its kind may go

    provider::NewBatch request;
    request.input_file_id = batch.input_file_id;
    request.endpoint = batch.endpoint;
    request.completion_window = terms.batch.completion_window;
    request.metadata = terms.batch.metadata;
    request.row_attempts = terms.row_attempts;
    request.priority = terms.priority;
    // Behind what users have set: a key of theirs must not take the place of the mark.
    request.metadata["batchd_key"] = batch.key;
    request.metadata["batchd_job"] = metadata_value(job.name);
    // Whose requests a shared one has stands in its file only: this spares others on the account the look.
    const bool has_room = request.metadata.size() < kMetadataPairsMax;
    if (batch.is_shared() && has_room && !lost_.state_id().empty())
        request.metadata["batchd_state"] = lost_.state_id();
    std::optional<Member<std::set<std::int64_t>>> under_way(std::in_place, in_create_, batch.id.value);
    auto created = co_await ports_.provider.create(std::move(turn), std::move(request));
    under_way.reset();
    if (!created) co_return creation_failed(batch, job, created.error());
    co_return co_await take_created(batch, job, std::move(*created));
}

}  // namespace batchd::engine
