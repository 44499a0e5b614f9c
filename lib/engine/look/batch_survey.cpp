#include "engine/look/batch_survey.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/look/answer_fit.hpp"

namespace batchd::engine {

using provider::BatchObject;

namespace {

bool is_recognised(const BatchObject& batch, const KnownBatch& known) {
    const std::string* const mark = find_mark(batch);
    return (mark != nullptr && *mark == known.key) ||
           (!known.input_file_id.empty() && batch.input_file_id == known.input_file_id);
}

/// Of a batch that may be anybody's, what is asked of it later: others' have up to a thousand validation
/// errors each, and a walk sees a hundred thousand batches. Whoever adopts one asks for it by its id.
BatchObject without_ballast(const BatchObject& batch) {
    BatchObject kept = batch;
    kept.errors = std::vector<provider::ValidationError>();
    std::erase_if(kept.metadata, [](const auto& entry) { return !entry.first.starts_with("batchd_"); });
    return kept;
}

}  // namespace

BatchSurvey::BatchSurvey(Question question)
    : question_(std::move(question)), look_back_(question_.since, question_.now) {
    for (std::size_t i = 0; i < question_.in_flight.size(); ++i)
        known_.emplace(question_.in_flight[i].batch_id, Shown{.index = i});
}

bool BatchSurvey::is_from_before(const BatchObject& batch) {
    const TimePoint not_before = look_back_.not_before(batch.created_at);
    return batch.created_at != TimePoint{} && batch.created_at < not_before;
}

void BatchSurvey::see(const BatchObject& batch, OnRecord on_record) {
    page_has_items_ = true;
    // One item that is new enough makes the page worth going on.
    if (!is_from_before(batch)) page_is_old_ = false;
    if (batch.created_at != TimePoint{}) {
        if (last_ && batch.created_at > *last_) rises_ = true;
        if (last_ && batch.created_at < *last_) falls_ = true;
        last_ = batch.created_at;
    }
    if (const auto known = known_.find(batch.id); known != known_.end()) {
        known->second.shown = true;
        known->second.recognised = is_recognised(batch, question_.in_flight[known->second.index]);
    }
    const std::string* const mark = find_mark(batch);
    if (on_record == OnRecord::yes) {
        on_record_.insert(batch.id);
        shows_ours_ = shows_ours_ || mark != nullptr;
        return;
    }
    // Without a mark, and older than what is looked for: it can't be ours, and years of them are not kept.
    if (mark != nullptr)
        by_mark_[*mark].push_back(without_ballast(batch));
    else if (is_from_before(batch))
        return;
    else if (batch.input_file_id.empty())
        nameless_.push_back({batch.id, batch.endpoint});
    else
        by_file_[batch.input_file_id].push_back(without_ballast(batch));
}

Visit BatchSurvey::end_page(std::uint64_t unreadable) {
    unreadable_ += unreadable;
    // Time alone ends no walk: in a listing that is not sorted, or sorted the other way round, what is looked
    // for may stand behind the oldest.
    const bool is_enough = page_has_items_ && page_is_old_ && falls_ && !rises_;
    page_is_old_ = true;
    page_has_items_ = false;
    return is_enough ? Visit::enough : Visit::go_on;
}

std::vector<BatchObject> BatchSurvey::find(const std::string& key, const std::string& input_file_id) const {
    std::vector<BatchObject> found;
    if (const auto marked = by_mark_.find(key); marked != by_mark_.end()) found = marked->second;
    if (const auto made = by_file_.find(input_file_id); made != by_file_.end() && !input_file_id.empty())
        found.insert(found.end(), made->second.begin(), made->second.end());
    return found;
}

std::vector<BatchObject> BatchSurvey::shared() const {
    std::vector<BatchObject> found;
    for (const auto& [mark, batches] : by_mark_)
        for (const BatchObject& batch : batches) {
            const auto name = batch.metadata.find("batchd_job");
            const bool has_others = name != batch.metadata.end() &&
                                    (name->second.ends_with(" other") || name->second.ends_with(" others"));
            if (has_others) found.push_back(batch);
        }
    return found;
}

std::vector<std::string> BatchSurvey::nameless(const std::string& endpoint) const {
    std::vector<std::string> ids;
    for (const Nameless& batch : nameless_)
        if (batch.endpoint.empty() || endpoint.empty() || batch.endpoint == endpoint) ids.push_back(batch.id);
    return ids;
}

std::vector<BatchObject> BatchSurvey::unmarked(const Asked& asked) const {
    std::vector<BatchObject> found;
    const auto may_be_it = [&](const BatchObject& batch) {
        const bool has_other_endpoint =
            !batch.endpoint.empty() && !asked.endpoint.empty() && batch.endpoint != asked.endpoint;
        const bool has_other_size = batch.total != 0 && batch.total != asked.requests;
        const bool is_older =
            batch.created_at != TimePoint{} && batch.created_at + kClockMargin < asked.intent_at;
        return !has_other_endpoint && !has_other_size && !is_older;
    };
    for (const auto& [file, batches] : by_file_)
        std::copy_if(batches.begin(), batches.end(), std::back_inserter(found), may_be_it);
    return found;
}

Proof BatchSurvey::proof() const {
    if (!is_whole()) return Proof::none;
    bool shows_known = false;
    for (const KnownBatch& known : question_.in_flight) {
        const Shown& shown = known_.at(known.batch_id);
        if (is_due(known) && !shown.shown) return Proof::none;
        if (shown.shown && !shown.recognised) return Proof::none;
        shows_known = shows_known || shown.shown;
    }
    if (missing_answered() != nullptr) return Proof::none;
    // Whether a list shows anything of ours is what tells a true silence from a list of somebody else's.
    return shows_known || shows_ours_ ? Proof::positive : Proof::vacuous;
}

/// A walk that ended early has not come to what is older than it went.
bool BatchSurvey::is_due(const KnownBatch& known) const {
    return extent_ == Extent::whole || known.submitted_at >= question_.since;
}

const KnownBatch* BatchSurvey::missing_answered() const {
    for (const KnownBatch& known : question_.answered)
        if (is_due(known) && find(known.key, known.input_file_id).empty()) return &known;
    return nullptr;
}

Proof BatchSurvey::proof_for(const std::string& account, const std::string& asked) const {
    const Proof all = proof();
    if (account.empty() || account == asked || all == Proof::none) return all;
    for (const KnownBatch& known : question_.in_flight)
        if (known.account == account && known_.at(known.batch_id).shown) return Proof::positive;
    return Proof::none;
}

std::string BatchSurvey::why_no_proof() const {
    if (extent_ == Extent::cut_short) return "the provider's list of batches can't be read to its end";
    if (unreadable_ > 0) return "the provider's list of batches has entries that can't be read";
    for (const KnownBatch& known : question_.in_flight) {
        const Shown& shown = known_.at(known.batch_id);
        if (!shown.shown)
            return "the provider's list of batches does not show " + known.batch_id + ", which exists";
        if (!shown.recognised)
            return "the provider's list of batches shows " + known.batch_id + " without our mark and file";
    }
    if (const KnownBatch* const missing = missing_answered())
        return "the provider's list of batches does not show what the create marked " + missing->key +
               " made, which was answered with success";
    return "the key is another one, and nothing shows that it is for the same project";
}

}  // namespace batchd::engine
