#include "engine/twins/twins.hpp"

#include "base/scope/member.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/record/owner.hpp"

namespace batchd::engine {

namespace asio = boost::asio;
using provider::BatchObject;
using provider::BatchStatus;

namespace {

/// A list may lag: after so many looks that showed only the other one, it is said.
constexpr unsigned kAloneMax = 3;

/// It has run requests, or may have: they are charged.
bool may_have_run(BatchStatus status) {
    return status == BatchStatus::completed || status == BatchStatus::expired;
}

bool is_over(BatchStatus status) {
    return provider::is_terminal(status) || status == BatchStatus::cancelling;
}

}  // namespace

Result<std::optional<store::Batch>> Twins::original_of(const BatchObject& object) {
    if (const std::string* const mark = find_mark(object)) {
        auto batch = store_.batches.find_by_key(*mark);
        if (!batch || *batch) return batch;
    }
    if (object.input_file_id.empty()) return std::optional<store::Batch>();
    const auto row = store_.repeats.find_by_input_file(object.input_file_id, clock_.now());
    if (!row) return row.error();
    if (!*row) return std::optional<store::Batch>();
    return store_.batches.find(**row);
}

Result<void> Twins::look_at(const BatchObject& object, Look& look) {
    // Lists are walked every minute, and people are told once.
    if (told_.contains(object.id)) return {};
    const auto owner = original_of(object);
    if (!owner) return owner.error();
    // While ours has no batch id yet, the submitter is at it: this may be the one.
    if (!*owner || (*owner)->batch_id.empty()) return {};
    if ((*owner)->batch_id == object.id) {
        look.on_record.insert(object.id);
        return {};
    }
    if (is_over(object.status) && !may_have_run(object.status)) return {};
    const auto known = store_.batches.knows(object.id);  // as an earlier attempt on the same file
    if (!known) return known.error();
    if (!*known) look.seconds.emplace_back(object, **owner);
    return {};
}

Result<void> Twins::look_at(const BatchSurvey& survey, const store::Batch& batch, Look& look) {
    if (survey.shows_on_record(batch.batch_id)) look.on_record.insert(batch.batch_id);
    for (const BatchObject& object : survey.find(batch.key, batch.input_file_id))
        if (auto looked = look_at(object, look); !looked) return looked;
    return {};
}

asio::awaitable<void> Twins::cancel(Look look) {
    for (const auto& [twin, owner] : look.seconds) {
        if (told_.contains(twin.id) || in_hand_.contains(twin.id)) continue;
        if (!look.on_record.contains(owner.batch_id)) {
            if (++alone_[twin.id] >= kAloneMax)
                complaint_.say("the provider's list of batches shows " + twin.id + " with the mark of " +
                               owner.batch_id +
                               ", and not that one: they may be one, and nothing is cancelled");
            continue;
        }
        // Our own create may have been answered with it since.
        const auto known = store_.batches.knows(twin.id);
        if (!known || *known) continue;
        if (!is_over(twin.status)) {
            // Whoever waits for this may be broken off, and the twin is to be cancelled all the same.
            const Member in_hand(in_hand_, twin.id);
            co_await cancel(twin, owner);
            continue;
        }
        tell(owner, twin.id + " has the same mark and ended as " + twin.status_word +
                        " before it was seen: its requests are charged twice");
        told_.insert(twin.id);
    }
}

asio::awaitable<void> Twins::cancel(BatchObject twin, store::Batch owner) {
    auto cancelled = co_await provider_.cancel(twin.id);
    const bool has_ended = !cancelled && (cancelled.error().kind == provider::FailureKind::conflict ||
                                          provider::says_it_is_not_there(cancelled.error()));
    if (!cancelled && !has_ended) {
        complaint_.say("cancelling " + twin.id + ": " + provider::to_string(cancelled.error()));
        co_return;
    }
    told_.insert(twin.id);
    complaint_.clear();
    tell(owner, twin.id + " has the same mark" +
                    (cancelled ? "" : "; it can't be cancelled: " + provider::to_string(cancelled.error())));
}

void Twins::tell(const store::Batch& owner, const std::string& detail) {
    const auto job = owner_of(store_, owner);
    if (job && *job)
        journal_.note(EventKind::twin_cancelled, **job, owner, detail);
    else
        journal_.note(EventKind::twin_cancelled, detail);
}

}  // namespace batchd::engine
