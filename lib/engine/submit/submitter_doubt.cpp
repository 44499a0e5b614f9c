// Looking whether an upload or a create took effect whose answer nobody has.

#include <algorithm>
#include <utility>

#include "base/units.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/look/find_upload.hpp"
#include "engine/look/listing.hpp"
#include "engine/look/lookup.hpp"
#include "engine/look/whose_batch.hpp"
#include "engine/stage/holding.hpp"
#include "engine/submit/submitter.hpp"
#include "store/query/answered_with.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::FailureKind;
using store::BatchPhase;

namespace {

/// Looks in a row that failed, after which a doubt is held: it goes on being looked for.
constexpr unsigned kFailedLooksMax = 3;
/// Creates whose effect nobody knows: one is made again.
constexpr std::uint64_t kDoubtsMax = 2;

/// It is over already (providers say so in different words), and there is nothing left to stop.
bool can_not_be_stopped(const provider::Failure& failure) {
    return failure.kind == FailureKind::conflict || failure.kind == FailureKind::refused ||
           provider::says_it_is_not_there(failure);
}

std::string ways_out(const store::Job& job) {
    const std::string id = std::to_string(job.id.value);
    return "; nothing is sent again by itself: `batchd adopt " + id +
           " BATCH_ID` names the batch at the provider, `batchd resend " + id +
           "` says that there is none, `batchd abandon " + id + "` gives it up";
}

}  // namespace

bool Submitter::was_refused_on_the_way(const store::Batch& batch) const {
    return refused_on_the_way_.contains(batch.id.value) && batch.doubts < kDoubtsMax;
}

Submitter::Step Submitter::settle_upload(const store::Batch& batch, const store::Job& job) {
    // It can not be looked for at another address. A second upload costs nothing; a second create would.
    if (is_made_elsewhere(batch)) co_return upload_is_absent(batch, job);
    const Millis began = ports_.clock.uptime();
    doubts_.try_emplace(batch.id.value, began, ports_.account.list_lag, 1U);
    auto found = co_await find_upload(ports_.provider, batch, ports_.clock.now());
    // Without a list of files nobody can look. A second upload is free, and the first is deleted when it
    // shows.
    if (!found && says_that_there_is_no_listing(found.error())) co_return upload_is_absent(batch, job);
    if (!found && found.error().kind == FailureKind::unavailable &&
        ++failed_file_looks_[batch.id.value] >= kFailedLooksMax)
        co_return upload_is_absent(batch, job);
    if (!found) co_return postponed(found.error(), "looking whether an upload took effect");
    if (*found) {
        if (auto recorded = ports_.store.batches.record_upload(batch.id, (*found)->id); !recorded)
            co_return postponed(recorded.error());
        lost_uploads_.erase(batch.id.value);
        settled(batch, job, "the upload took effect: " + (*found)->id);
        co_return std::nullopt;
    }
    const auto next = not_found(batch, began);
    if (!next) co_return std::nullopt;
    if (next->believed_absent) co_return upload_is_absent(batch, job);
    co_return Postponed{.why = "waiting until the provider's list of files can be believed",
                        .until = Postponed::Until::delay,
                        .delay = next->look_again_in,
                        .is_usual = true};
}

Progress Submitter::upload_is_absent(const store::Batch& batch, const store::Job& job) {
    const auto back = ports_.store.database.transact([&]() -> Result<void> {
        if (auto noted = ports_.store.repeats.record(batch.id, std::nullopt); !noted) return noted;
        return ports_.store.batches.step_back(batch.id, BatchPhase::planned);
    });
    if (!back) return postponed(back.error());
    settled(batch, job, "the upload had no effect that can be seen, and is made again");
    // Backed off from: a provider whose every answer gets lost is not to be sent the same file again and
    // again. Where it stays so it may be for what is in this file, and others try theirs.
    return Postponed{.why = "an upload had no effect and is made again",
                     .is_its_own = ++lost_uploads_[batch.id.value] >= kLostUploadsMax};
}

Submitter::Step Submitter::settle_creation(const store::Batch& batch, const store::Job& job) {
    if (is_made_elsewhere(batch))
        co_return hold_in_doubt(batch, job,
                                "its create was sent to " + batch.base_url + " and is in doubt: put " +
                                    base_url_key(ports_.name) + " back to that address");
    const Millis began = ports_.clock.uptime();
    doubts_.try_emplace(batch.id.value, began, lag_to_believe(batch));
    // Only a walk through the list that began after the call can show what it made.
    auto survey = co_await surveyor_.look(began);
    if (!survey && was_refused_on_the_way(batch) && says_that_there_is_no_listing(survey.error()))
        co_return create_again(batch, job);
    if (!survey) {
        const std::string why =
            "whether its create took effect can't be looked for: " + provider::to_string(survey.error());
        if (survey.error().kind == FailureKind::local || survey.error().retry_after)
            co_return postponed(survey.error(), "looking whether a create took effect");
        auto shown = co_await answered_with(batch);
        if (!shown.empty()) co_return co_await take_found(batch, job, std::move(shown));
        co_return hold_in_doubt(batch, job, why);
    }
    // A find needs no proof, however incomplete the list is; only an absence does.
    auto found = unknown_of(ports_.store, **survey, batch);
    if (!found) co_return postponed(found.error());
    if (!found->empty()) co_return co_await take_found(batch, job, std::move(*found));
    *found = co_await answered_with(batch);
    if (!found->empty()) co_return co_await take_found(batch, job, std::move(*found));

    Named named = co_await ask_for_nameless(batch, (*survey)->nameless(batch.endpoint));
    // A list that shows our marks would show this one as well.
    if (!named.is_settled() && proof_of_absence(batch, **survey) != Proof::positive) {
        const BatchSurvey::Asked asked{batch.endpoint, batch.requests, batch.intent_at.value_or(TimePoint{})};
        auto unmarked = (*survey)->unmarked(asked);
        named = co_await ask_for_unmarked(batch, std::move(unmarked));
    }
    if (named.wait) co_return named.wait;
    if (!named.ours.empty()) co_return co_await take_found(batch, job, std::move(named.ours));
    if (!named.unclear.empty())
        co_return hold_in_doubt(
            batch, job,
            named.unclear +
                " may be this batch: the provider shows neither its metadata nor its input "
                "file");
    co_return creation_is_absent(batch, job, **survey, began);
}

std::optional<Doubt::Next> Submitter::not_found(const store::Batch& batch, Millis began) {
    const auto doubt = doubts_.find(batch.id.value);
    if (doubt == doubts_.end()) return std::nullopt;
    return doubt->second.not_found(began, ports_.clock.uptime());
}

/// Doubled with each create before that was not found: where none of them had an effect this costs time, and
/// where the list lags longer than anybody has said, each of them is paid.
Millis Submitter::lag_to_believe(const store::Batch& batch) const {
    constexpr std::uint64_t kDoublingsMax = 8;
    if (ports_.provider.is_on_our_disk() || batch.doubts <= 1) return ports_.account.list_lag;
    return ports_.account.list_lag * (1 << std::min(batch.doubts - 1, kDoublingsMax));
}

/// It did not say a word of it when it was answered, or was not there yet.
asio::awaitable<std::vector<BatchObject>> Submitter::answered_with(const store::Batch& batch) {
    std::vector<BatchObject> ours;
    const auto id = store::answered_with(ports_.store.database, batch.id);
    const auto known = id && !id->empty() ? ports_.store.batches.knows(*id) : Result<bool>(true);
    if (!known || *known) co_return ours;
    auto shown = co_await ports_.provider.retrieve(*id);
    if (!shown) co_return ours;
    const Fit fit = co_await whose_batch(ports_.provider, batch, *shown);
    const bool may_be_ours = fit == Fit::ours || (fit == Fit::unclear && shown->input_file_id.empty());
    if (may_be_ours) ours.push_back(std::move(*shown));
    co_return ours;
}

/// A gateway that tries again by itself may have been told to wait when the batch was made already.
asio::awaitable<LostAttempts::Search> Submitter::look_after_refusal(const store::Batch& batch, Call call) {
    LostAttempts::Search search;
    const auto refused = refused_at_.find(batch.id.value);
    if (refused == refused_at_.end()) co_return search;
    const Millis now = ports_.clock.uptime();
    // One that began in the millisecond of the refusal may have begun before it.
    const Millis since = refused->second + Millis{1};
    const Millis believable = std::max(since, refused->second + ports_.account.list_lag);
    // As long as the row waits it may still turn up, and a walk of a moment ago will do.
    const Millis fresh = now - twin_look_interval(ports_.settings.poll.interval, ports_.account.list_lag);
    auto survey = co_await surveyor_.look(now < believable ? since : std::max(believable, fresh));
    if (!survey) co_return search;  // where nobody can look, the provider's own words are believed
    auto found = unknown_of(ports_.store, **survey, batch);
    if (!found) search.wait = postponed(found.error());
    // Whoever cancels it waits for no list: one look has to do.
    if (found && found->empty() && now < believable && call != &Submitter::withdraw)
        search.wait = Postponed{.why = "waiting until the provider's list of batches can be believed",
                                .until = Postponed::Until::delay,
                                .delay = believable - now,
                                .is_usual = true};
    if (!found || found->empty()) co_return search;
    BatchSearch wanted;
    wanted.found = std::move(*found);
    search.found = wanted.take_furthest();
    search.others = wanted.ids();
    co_return search;
}

Submitter::Step Submitter::take_found(const store::Batch& batch, const store::Job& job,
                                      std::vector<BatchObject> found) {
    BatchSearch search{.found = std::move(found)};
    BatchObject adopted = search.take_furthest();
    if (auto wait = co_await cancel_twins(search.ids(), batch, job)) co_return wait;
    settled(batch, job, "the create took effect: " + adopted.id);
    if (auto wait = let_go(batch, adopted.id + " was found")) co_return wait;
    co_return record_created(batch, job, adopted);
}

Proof Submitter::proof_of_absence(const store::Batch& batch, const BatchSurvey& survey) const {
    // A listing of our own disk has nothing between it and what there is.
    if (ports_.provider.is_on_our_disk() && survey.is_whole()) return Proof::positive;
    return survey.proof_for(batch.account, ports_.provider.identity().digest);
}

Progress Submitter::creation_is_absent(const store::Batch& batch, const store::Job& job,
                                       const BatchSurvey& survey, Millis began) {
    // An answer with success is the provider's word that there is a batch. No list outweighs it: one that
    // lags, or is filtered, is the better explanation.
    if (batch.answered_at)
        return hold_in_doubt(
            batch, job,
            "its create was answered with success, and the batch is not in the provider's list "
            "yet");
    const bool was_refused = was_refused_on_the_way(batch);
    // A list proves an absence only where it shows what is known to be there: an empty list, or one of
    // another project, shows nothing of ours either.
    const Proof proof = proof_of_absence(batch, survey);
    if (proof == Proof::none && !was_refused)
        return hold_in_doubt(batch, job, "its create is in doubt, and " + survey.why_no_proof());
    const auto next = not_found(batch, began);
    if (!next) return std::nullopt;
    if (!next->believed_absent)
        return Postponed{.why = "waiting until the provider's list of batches can be believed",
                         .until = Postponed::Until::delay,
                         .delay = next->look_again_in,
                         .is_usual = true};
    // However much the list proves: it may lag for longer than anybody has said, and each repetition would be
    // paid. Only what something on the way refused had no effect most likely, and our own disk hides nothing.
    const bool may_go_on = ports_.provider.is_on_our_disk() ||
                           (proof == Proof::positive && refused_on_the_way_.contains(batch.id.value));
    if (!may_go_on && batch.doubts >= kDoubtsMax && !has_no_batch(batch, job))
        return hold_in_doubt(
            batch, job,
            "its create was made " + (batch.doubts == 2 ? "twice" : with_commas(batch.doubts) + " times") +
                " without an answer, and the provider's list " +
                (proof == Proof::positive ? "does not show it"
                                          : "shows no batch that we know to tell whether it shows any"));
    return create_again(batch, job);
}

Progress Submitter::create_again(const store::Batch& batch, const store::Job& job) {
    const TimePoint watch_until = ports_.clock.now() + twin_watch(ports_.account.list_lag);
    const bool goes_nowhere = has_no_batch(batch, job);
    const auto back = ports_.store.database.transact([&]() -> Result<void> {
        // That it is repeated is on record before it is: the first one may still turn up, and is then told
        // to stop, also after a crash.
        if (auto recorded = ports_.store.repeats.record(batch.id, watch_until); !recorded) return recorded;
        if (auto released = ports_.store.batches.release(batch.id); !released) return released;
        if (goes_nowhere) return {};
        return ports_.store.batches.step_back(batch.id, BatchPhase::uploaded,
                                              store::Batches::Effect::unknown);
    });
    if (!back) return postponed(back.error());
    ports_.own_wakes.twins.raise();
    settled(batch, job, "the create had no effect");
    if (goes_nowhere) return refuse(batch, job, provider::Failure(no_batch_.at(batch.id.value).last));
    return Postponed{.why = "a create had no effect and is made again"};
}

Progress Submitter::hold_in_doubt(const store::Batch& batch, const store::Job& job, const std::string& why) {
    const std::string text = why + ways_out(job);
    const auto held = ports_.store.database.transact([&] { return holding_.hold(batch, text); });
    if (!held) return postponed(held.error());
    Postponed wait{.why = text};
    if (!job.cancel_asked_at) return wait;
    // It is looked for until the patience with its cancel is over, for only what is found can be cancelled.
    wait.until = Postponed::Until::delay;
    wait.delay = ports_.settings.poll.interval;
    return wait;
}

Progress Submitter::let_go(const store::Batch& batch, const std::string& why) {
    if (!batch.held_since) return std::nullopt;  // most are not, and a transaction has its price
    const auto gone_on = ports_.store.database.transact([&] { return holding_.release(batch, why); });
    return gone_on ? Progress() : postponed(gone_on.error());
}

Progress Submitter::take_named(const store::Batch& batch, const store::Job& job, const BatchObject& object) {
    if (auto wait = let_go(batch, object.id + " was named")) return wait;
    settled(batch, job, "somebody said that it is " + object.id);
    store::Batch named = batch;
    if (!object.input_file_id.empty()) named.input_file_id = object.input_file_id;
    if (auto noted = ports_.store.batches.record_input_file(batch.id, named.input_file_id); !noted)
        return postponed(noted.error());
    return record_created(named, job, object);
}

Submitter::Step Submitter::cancel_twins(std::vector<std::string> batch_ids, const store::Batch& batch,
                                        const store::Job& job) {
    for (const std::string& id : batch_ids) {
        auto cancelled = co_await ports_.provider.cancel(id);
        // Ours is not taken before the others are told to stop: once the row is settled nobody would come
        // back to them.
        if (!cancelled && !can_not_be_stopped(cancelled.error())) {
            auto wait = postponed(cancelled.error(), "cancelling a second batch of one attempt");
            wait.is_its_own = true;
            co_return wait;
        }
        ports_.journal.note(EventKind::twin_cancelled, job, batch,
                            cancelled ? id : id + ": " + provider::to_string(cancelled.error()));
    }
    co_return std::nullopt;
}

void Submitter::settled(const store::Batch& batch, const store::Job& job, std::string_view how) {
    doubts_.erase(batch.id.value);
    failed_file_looks_.erase(batch.id.value);
    std::erase_if(others_files_, [&](const auto& file) { return file.first == batch.id.value; });
    ports_.journal.note(EventKind::doubt_settled, job, batch, how);
}

}  // namespace batchd::engine
