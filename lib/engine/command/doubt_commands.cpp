#include "engine/command/doubt_commands.hpp"

#include <optional>
#include <utility>

#include "base/async/run_until.hpp"
#include "engine/command/command_rules.hpp"
#include "engine/doubt/doubt.hpp"
#include "engine/end/ended_batch.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/record/owner.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using store::Verb;

namespace {

using Outcome = DoubtCommands::Outcome;

constexpr Millis kLookMax = std::chrono::seconds(20);

Outcome refused(std::string sentence) {
    return {.ok = false, .sentence = std::move(sentence)};
}

/// Which of the batches in doubt this one is; nothing: it can't be told, or is none of them.
const store::Batch* match(const std::vector<store::Batch>& doubts, const BatchObject& object) {
    const store::Batch* possible = nullptr;
    std::size_t count = 0;
    for (const store::Batch& batch : doubts) {
        const Fit fit = fit_of(object, AskedBatch{batch.key, batch.input_file_id, batch.endpoint});
        // By our mark or our file, it is certain; without either it is only possible, and then it must be the
        // only one.
        if (fit == Fit::ours) return &batch;
        if (fit == Fit::foreign) continue;
        possible = &batch;
        ++count;
    }
    return count == 1 ? possible : nullptr;
}

}  // namespace

asio::awaitable<Outcome> DoubtCommands::obey(Verb verb, store::Job job, std::string argument) {
    auto batches = store_.batches.of_job(job.id);
    if (!batches) co_return Outcome{.wait = postponed(batches.error())};
    if (auto why = why_not(verb, job, *batches)) co_return refused(std::move(*why));
    if (verb == Verb::abandon) co_return abandon(job, *batches);
    if (verb == Verb::resend) co_return resend(job, *batches);
    co_return co_await adopt(std::move(job), std::move(*batches), std::move(argument));
}

Outcome DoubtCommands::abandon(const store::Job& job, const std::vector<store::Batch>& batches) {
    std::vector<store::Batch> own, shared;  // those that others are in go on for them
    for (store::Batch& batch : held_at_all(batches)) {
        const auto others = store_.parts.count_others(batch.id, job.id);
        if (!others) return {.wait = postponed(others.error())};
        (*others > 0 ? shared : own).push_back(std::move(batch));
    }
    for (const store::Batch& batch : own) drop(batch);
    const auto recorded = store_.database.transact([&]() -> Result<void> {
        auto done = end(job, own);
        return done ? leave(job, shared) : done;
    });
    if (!recorded) return {.wait = postponed(recorded.error())};
    for (const store::Batch& batch : batches) {
        wakes_.of(batch.provider).collector.raise();
        wakes_.of(batch.provider).submitter.raise();
    }
    wakes_.deliverer.raise();
    // The sentence is made of the rows as they were held, for the change is what ends that.
    return {.ok = true, .sentence = title(job) + ": " + cost_of(Verb::abandon, batches)};
}

Result<void> DoubtCommands::end(const store::Job& job, const std::vector<store::Batch>& batches) {
    for (const store::Batch& batch : batches) {
        if (auto given_up = store_.batches.abandon(batch.id, clock_.now()); !given_up) return given_up;
        journal_.note(EventKind::batch_abandoned, job, batch, "on request; it was held: " + batch.held);
    }
    return {};
}

Result<void> DoubtCommands::leave(const store::Job& job, const std::vector<store::Batch>& batches) {
    for (const store::Batch& batch : batches) {
        const auto left = store_.parts.leave(batch.id, job.id, clock_.now());
        auto done = left ? Result<void>() : left.error();
        if (done) done = store_.jobs.record_reason(job.id, was_abandoned(batch.batch_id).message);
        if (!done) return done;
        journal_.note(EventKind::batch_abandoned, job, batch,
                      "on request, and for this job alone; it is held: " + batch.held);
    }
    if (batches.empty()) return {};
    // With no other batch left open, no stage would come back to the job.
    const auto open = store_.batches.count_open(job.id);
    if (!open || *open > 0) return open ? Result<void>() : open.error();
    return store_.jobs.change_state(job.id, store::JobState::delivering);
}

/// The submitter of its account does no longer look for it.
void DoubtCommands::drop(const store::Batch& batch) {
    if (AccountStages* const account = accounts_.find(batch.provider)) account->submitter().drop(batch.id);
}

Outcome DoubtCommands::resend(const store::Job& job, const std::vector<store::Batch>& batches) {
    const std::string cost = cost_of(Verb::resend, batches);
    const auto doubts = held_in_doubt(batches);
    // Before the commit: a look that is under way must not find it, and record it, in between.
    for (const store::Batch& batch : doubts) drop(batch);
    const auto recorded = store_.database.transact([&]() -> Result<void> {
        for (const store::Batch& batch : doubts) {
            store::Batches& rows = store_.batches;
            AccountStages* const account = accounts_.find(batch.provider);
            // Of an account that is just being set up the lag is not at hand; twin_watch() has a least time
            // for that.
            const Millis lag = account != nullptr ? account->settings().list_lag : Millis{0};
            auto done = store_.repeats.record(batch.id, clock_.now() + twin_watch(lag));
            // The upload is good still; only the create is made anew. That a first one may turn up is
            // watched for, though a person said that there is none.
            if (done) done = rows.step_back(batch.id, store::BatchPhase::uploaded);
            if (done) done = rows.forget_doubts(batch.id);
            if (done) done = rows.release(batch.id);
            if (!done) return done;
            journal_.note(EventKind::batch_released, job, batch, "on request: it is sent again");
        }
        return {};
    });
    if (!recorded) return {.wait = postponed(recorded.error())};
    for (const store::Batch& batch : doubts) {
        wakes_.of(batch.provider).twins.raise();
        wakes_.of(batch.provider).submitter.raise();
    }
    return {.ok = true, .sentence = title(job) + ": " + cost};
}

asio::awaitable<Outcome> DoubtCommands::adopt(store::Job job, std::vector<store::Batch> batches,
                                              std::string batch_id) {
    if (batch_id.empty()) co_return refused("adopt needs the id of a batch at the provider");
    const auto known = store_.batches.knows(batch_id);
    if (!known) co_return Outcome{.wait = postponed(known.error())};
    if (*known) co_return refused(batch_id + " is on record already");
    const auto doubts = held_in_doubt(batches);
    const std::string name = doubts.front().provider;
    AccountStages* account = accounts_.find(name);
    if (account == nullptr) co_return Outcome{.wait = Postponed{.why = name + " is just being set up"}};
    const std::shared_ptr<provider::Provider> calls = account->calls();
    // Within a time, for a provider that is closed would hold up all commands behind this one.
    std::optional<provider::Answer<BatchObject>> object;
    auto ask = [&]() -> asio::awaitable<void> { object.emplace(co_await calls->retrieve(batch_id)); };
    co_await run_within(clock_, kLookMax, ask());
    if (!object) co_return refused(batch_id + " can't be looked at now: " + name + " does not answer");
    if (!*object)
        co_return refused(batch_id + " can't be looked at: " + provider::to_string(object->error()));
    account = accounts_.find(name);  // a reload may have replaced it meanwhile
    if (account == nullptr) co_return Outcome{.wait = Postponed{.why = name + " is just being set up"}};
    const store::Batch* const batch = match(doubts, **object);
    if (batch == nullptr)
        co_return refused(batch_id + (doubts.size() > 1
                                          ? " can't be told to be one of the " +
                                                std::to_string(doubts.size()) + " batches in doubt"
                                          : " bears another mark: it is not the batch in doubt"));
    // Of one that is shared, the job knows its share only.
    const auto whole = store_.batches.find(batch->id);
    const auto owner = whole && *whole ? owner_of(store_, **whole) : Result<std::optional<store::Job>>();
    if (!whole || !*whole || !owner || !*owner) co_return refused(batch_id + " can't be adopted now");
    account->submitter().drop(batch->id);
    if (auto wait = account->submitter().take_named(**whole, **owner, **object))
        co_return Outcome{.wait = std::move(wait)};
    std::string sentence = title(job) + ": " + batch_id + " is adopted; " + cost_of(Verb::adopt, batches);
    co_return Outcome{.ok = true, .sentence = std::move(sentence)};
}

}  // namespace batchd::engine
