#include "engine/fallback/fallback_rules.hpp"

#include "base/text/letter_case.hpp"
#include "jsonl/result/no_model.hpp"

namespace batchd::engine {

using provider::FailureKind;

const Fallback* fallback_of(const Terms& terms, const store::Batch& batch) {
    // A batch that is at the fallback already has no further one: nothing goes round in a circle.
    const bool has_one = terms.fallback && terms.fallback->provider != batch.provider;
    return has_one ? &*terms.fallback : nullptr;
}

std::optional<TimePoint> deadline_for(const Terms& terms, const store::Batch& batch, TimePoint at) {
    const Fallback* const fallback = fallback_of(terms, batch);
    if (fallback == nullptr || !fallback->deadline) return std::nullopt;
    return at + *fallback->deadline;
}

bool is_late(const store::Batch& batch, TimePoint now) {
    return batch.deadline_at && *batch.deadline_at <= now;
}

namespace {

bool is_about_model(const provider::Failure& failure) {
    return jsonl::names_no_model(failure.code, failure.param, failure.message);
}

/// "Not Found", without a word of what: the path is not there. Only what a server of an API says, for pages
/// come from proxies.
bool is_missing_path(const provider::Failure& failure) {
    const bool is_no_path = failure.http_status == 404 || failure.http_status == 405;
    const bool is_of_an_api = failure.in_own_words || failure.message.starts_with('{');
    return is_no_path && is_of_an_api && failure.param.empty() && !says(failure.message, "file");
}

}  // namespace

bool says_there_is_no_batch(const provider::Failure& failure) {
    // The 404 of a proxy or a login page says nothing about models, and a fallback is not to be paid for it.
    if (!failure.in_own_words) return false;
    const bool is_no = failure.kind == FailureKind::refused || failure.kind == FailureKind::not_found;
    const bool is_no_method = failure.kind == FailureKind::refused && failure.http_status == 405;
    return failure.kind == FailureKind::unsupported || is_no_method || (is_no && is_about_model(failure));
}

bool may_say_there_is_no_batch(const provider::Failure& failure) {
    const bool is_hearsay = failure.http_status == 403 && !failure.in_own_words && is_about_model(failure);
    return is_hearsay || is_missing_path(failure);
}

Ending not_here(Ending ending) {
    using Kind = Ending::Kind;
    // Each kind by its name and no default: whoever adds one is made to decide, by the compiler, whether it
    // would be sent here again.
    switch (ending.kind) {
        case Kind::withdrawn:
        case Kind::halve:
        case Kind::wait_turn:
        case Kind::too_large:
        case Kind::wait_paid:
        case Kind::upload_again:
        case Kind::same_again:
        case Kind::set_aside:
            return {.kind = Kind::elsewhere, .lines = std::move(ending.lines)};
        case Kind::answers:
        case Kind::give_up:
        case Kind::elsewhere:
            break;
    }
    return ending;
}

bool goes_to_fallback(const ToBeSentAgain& rows) {
    return rows.without_model || rows.attempts_used_up || rows.is_late;
}

}  // namespace batchd::engine
