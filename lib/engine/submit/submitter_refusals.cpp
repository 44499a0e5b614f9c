// What follows when an upload or a create was not answered with success.

#include "base/log.hpp"
#include "base/units.hpp"
#include "engine/fallback/fallback_rules.hpp"
#include "engine/look/lookup.hpp"
#include "engine/submit/submitter.hpp"
#include "engine/terms/terms.hpp"

namespace batchd::engine {

using provider::FailureKind;
using store::BatchPhase;

namespace {

constexpr unsigned kInvisibleMax = 5;         // creates that can't find the file, then upload again
constexpr unsigned kPassingRefusalsMax = 10;  // "not now" in a row, then it is meant
constexpr unsigned kNoBatchTries = 3;         // "not found" of the path itself, then there is no batch

/// A page or text that says no, and not that something took too long or broke.
bool is_refusal_on_the_way(const provider::Failure& failure) {
    const unsigned status = failure.http_status;
    // 408 and 425 are about time, 499 is what nginx says when it was hung up on; 505 is said before anything
    // is done.
    const bool ran_out_of_time = status == 408 || status == 425 || status == 499;
    return !failure.in_own_words && !ran_out_of_time && (status / 100 == 4 || status == 505);
}

/// The provider does not take it, and says so itself; a page that says as much may be gone the next time.
bool is_final_refusal(const provider::Failure& failure) {
    return failure.kind == FailureKind::refused || says_there_is_no_batch(failure);
}

/// The call that was refused is made again, and may have taken effect in spite of what was said: a gateway
/// that repeats it may be told that there is no room because of what its first try has made.
bool is_refusal_for_now(FailureKind kind) {
    return kind == FailureKind::conflict || kind == FailureKind::rate_limited ||
           kind == FailureKind::unauthorized || kind == FailureKind::quota ||
           kind == FailureKind::token_limit || kind == FailureKind::not_found;
}

}  // namespace

void Submitter::note_no_batch(const store::Batch& batch, const provider::Failure& failure) {
    if (!may_say_there_is_no_batch(failure)) {
        no_batch_.erase(batch.id.value);
        return;
    }
    NoBatch& said = no_batch_[batch.id.value];
    ++said.times;
    said.last = failure;
}

bool Submitter::has_no_batch(const store::Batch& batch, const store::Job& job) const {
    const auto said = no_batch_.find(batch.id.value);
    // Where the effect of a create is not known it is made twice at most, and what both have said has to be
    // enough.
    const unsigned tries = batch.doubts > 0 ? kNoBatchTries - 1 : kNoBatchTries;
    if (said == no_batch_.end() || said->second.times < tries) return false;
    if (said->second.last.http_status == 403) return true;  // it names the model
    // A path that is not there may be a mistake in the address: without another way it is waited for.
    const auto terms = terms_of(job, ports_.settings);
    return terms && fallback_of(*terms, batch) != nullptr;
}

Progress Submitter::upload_failed(const store::Batch& batch, const store::Job& job,
                                  const provider::Failure& failure) {
    note_no_batch(batch, failure);
    if (has_no_batch(batch, job)) return refuse(batch, job, failure);  // an upload is in no doubt: it is free
    if (failure.kind == FailureKind::doubt) {
        ports_.journal.note(EventKind::doubt, job, batch, "upload: " + provider::to_string(failure));
        return upload_is_too_large(batch, job, failure);
    }
    if (is_final_refusal(failure)) return refuse(batch, job, failure);
    if (failure.kind == FailureKind::conflict)
        return refused_for_now(batch, job, failure, BatchPhase::planned);
    if (auto back = ports_.store.batches.step_back(batch.id, BatchPhase::planned); !back)
        return postponed(back.error());
    if (is_withdrawn(batch)) return std::nullopt;  // withdrawn next
    Postponed wait = postponed(failure, "upload");
    // Where it stays so it may be for what is in this file, and others try theirs.
    if (failure.kind == FailureKind::rate_limited || failure.kind == FailureKind::quota)
        wait.is_its_own = ++lost_uploads_[batch.id.value] >= kLostUploadsMax;
    return wait;
}

Progress Submitter::upload_is_too_large(const store::Batch& batch, const store::Job& job,
                                        const provider::Failure& failure) {
    // The row is in `uploading`: looked for next. What is on the way may be mended, and let the same file
    // through; where its limit stays, no wait helps.
    const bool is_too_large = failure.http_status == 413 && !failure.in_own_words;
    if (!is_too_large || ++refusals_[batch.id.value] <= kPassingRefusalsMax) return std::nullopt;
    refusals_.erase(batch.id.value);
    if (auto noted = ports_.store.repeats.record(batch.id, std::nullopt); !noted)
        return postponed(noted.error());
    return refuse(batch, job, failure);
}

Progress Submitter::creation_failed(const store::Batch& batch, const store::Job& job,
                                    const provider::Failure& failure) {
    if (is_final_refusal(failure)) return refuse(batch, job, failure);
    note_no_batch(batch, failure);
    // First it is looked for: nothing goes elsewhere that may be in a batch.
    if (has_no_batch(batch, job)) return creation_in_doubt(batch, job, failure);
    if (is_refusal_for_now(failure.kind)) refused_at_[batch.id.value] = ports_.clock.uptime();
    switch (failure.kind) {
        case FailureKind::doubt:
            return creation_in_doubt(batch, job, failure);
        case FailureKind::conflict:
            return refused_for_now(batch, job, failure, BatchPhase::uploaded);
        case FailureKind::not_found:
            return file_not_visible(batch, job, failure);
        case FailureKind::token_limit:
            return no_room(batch, job, failure);
        default:
            break;
    }
    if (auto back = ports_.store.batches.step_back(batch.id, BatchPhase::uploaded); !back)
        return postponed(back.error());
    if (is_withdrawn(batch)) return std::nullopt;  // withdrawn next
    return postponed(failure, "create");
}

Progress Submitter::creation_in_doubt(const store::Batch& batch, const store::Job& job,
                                      const provider::Failure& failure) {
    // Success whose text can't be used is still the provider's word that there is a batch.
    const bool was_answered = failure.http_status / 100 == 2;
    if (is_refusal_on_the_way(failure) || may_say_there_is_no_batch(failure))
        refused_on_the_way_.insert(batch.id.value);
    else
        refused_on_the_way_.erase(batch.id.value);
    const auto recorded = ports_.store.database.transact([&]() -> Result<void> {
        ports_.journal.note(EventKind::doubt, job, batch, "create: " + provider::to_string(failure));
        return was_answered ? ports_.store.batches.record_answered(batch.id, ports_.clock.now())
                            : Result<void>();
    });
    if (!recorded) return postponed(recorded.error());
    return std::nullopt;  // the row is in `creating`: looked for next
}

Progress Submitter::refused_for_now(const store::Batch& batch, const store::Job& job,
                                    const provider::Failure& failure, BatchPhase back_to) {
    if (++refusals_[batch.id.value] > kPassingRefusalsMax) {
        refusals_.erase(batch.id.value);
        return refuse(batch, job, failure);
    }
    if (auto back = ports_.store.batches.step_back(batch.id, back_to); !back) return postponed(back.error());
    if (is_withdrawn(batch)) return std::nullopt;  // withdrawn next
    return postponed(failure, back_to == BatchPhase::planned ? "upload" : "create");
}

Progress Submitter::upload_is_another(const store::Batch& batch, const store::Job& job,
                                      const provider::FileObject& file) {
    // Requests of somebody else would be run in our name. Ours is looked for, and sent again.
    const std::string what = file.id + ", which is another file: \"" + printable(file.filename) + "\" of " +
                             with_commas(file.size_bytes) + " bytes, and " + with_commas(batch.size_bytes) +
                             " were sent as \"" + remote_name(batch) + "\"";
    ports_.journal.note(EventKind::doubt, job, batch, "upload: answered with " + what);
    if (++refusals_[batch.id.value] <= kPassingRefusalsMax) return std::nullopt;
    refusals_.erase(batch.id.value);
    if (auto noted = ports_.store.repeats.record(batch.id, std::nullopt); !noted)
        return postponed(noted.error());
    provider::Failure failure;
    failure.kind = FailureKind::refused;
    failure.message = "each upload is answered with another file; the last with " + what;
    return refuse(batch, job, failure);
}

Progress Submitter::file_not_visible(const store::Batch& batch, const store::Job& job,
                                     const provider::Failure& failure) {
    // A file may take a moment to be seen by the other half of the provider; one that stays invisible is
    // uploaded anew.
    const bool again = ++invisible_[batch.id.value] % kInvisibleMax != 0;
    const auto back = ports_.store.database.transact([&]() -> Result<void> {
        auto stepped = ports_.store.batches.step_back(batch.id, BatchPhase::uploaded);
        if (!stepped || again) return stepped;
        stepped = ports_.store.batches.step_back(batch.id, BatchPhase::planned);
        if (!stepped) return stepped;
        return ports_.store.unused_files.add(ports_.name, batch.input_file_id, job.id,
                                             "it stayed invisible, and is uploaded anew", ports_.clock.now());
    });
    if (!back) return postponed(back.error());
    if (!again) ports_.own_wakes.sweeper.raise();
    return postponed(failure, "create");
}

Progress Submitter::refuse(const store::Batch& batch, const store::Job& job,
                           const provider::Failure& failure) {
    store::Sighting end;
    end.status = "refused";
    const bool no_batch = says_there_is_no_batch(failure) || has_no_batch(batch, job);
    no_batch_.erase(batch.id.value);
    end.outcome = no_batch ? store::Outcome::no_batch : store::Outcome::refused;
    end.error = provider::to_string(failure);
    return end_as(batch, job, end, EventKind::batch_refused, end.error);
}

}  // namespace batchd::engine
