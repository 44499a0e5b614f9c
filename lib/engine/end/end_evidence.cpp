#include "engine/end/end_evidence.hpp"

#include "base/units.hpp"

namespace batchd::engine {

using jsonl::Unanswered;
using provider::BatchStatus;

namespace {

/// Requests without a line may have been answered, and paid for. What a batch that was completed does not
/// show was run; of the others only what something speaks for.
bool may_have_run(const EndLook& look) {
    if (look.status == BatchStatus::completed || !look.files_are_whole || look.nameless > 0) return true;
    // Who names the requests that did not run, and not these, does not say that these did not.
    return look.told_completed > look.ran || look.not_run > 0;
}

/// Files and counts may come late, a part of them first. Only where the provider counts just as many as it
/// shows do two looks that agree speak for the rest not having run.
bool may_show_more(const EndLook& look) {
    // Validation that failed says why, and there are no files then.
    if (look.status == BatchStatus::failed) return false;
    return look.ran == 0 || look.told_completed + look.told_failed != look.ran;
}

EndDecision take(Unanswered unanswered) {
    return {Conclusion::take, unanswered};
}

}  // namespace

EndDecision decide_end(const EndLook& look, const std::optional<EndLook>& before, const EndTerms& terms) {
    // Lines with our ids may be those of another batch. A size that stays another one for all the patience is
    // that of a provider that counts differently.
    const bool is_settled = !look.has_another_size || terms.patience_is_over;
    if (look.missing == 0 && (is_settled || terms.ended_by_us))
        return take(Unanswered::lost);  // there are none
    if (look.missing == 0) return {Conclusion::look_again, Unanswered::lost};
    if (terms.ended_by_us) return take(Unanswered::give_up);
    if (!provider::is_terminal(look.status)) return {Conclusion::taken_back, Unanswered::lost};
    const bool is_open = may_have_run(look);
    const bool named_others = look.not_run > 0 && look.status == BatchStatus::cancelled;
    const bool waits_on = !terms.patience_is_over && !(terms.cancelled && terms.waited_a_while);
    if (is_open && (named_others ? waits_on : !terms.patience_is_over))
        return {Conclusion::look_again, Unanswered::lost};
    if (is_open) return take(Unanswered::lost);
    // Whoever cancelled waits for what comes a little late, and not for all of the patience.
    if (may_show_more(look) && waits_on) return {Conclusion::look_again, Unanswered::lost};
    if (before != look && !terms.patience_is_over) return {Conclusion::look_again, Unanswered::lost};
    return take(terms.cancelled ? Unanswered::give_up : Unanswered::retry);
}

std::string why_look_again(const EndLook& look) {
    if (look.missing == 0) return "a result file has another size than the provider says";
    const std::string missing = count_of(look.missing, "request has", "requests have") + " no line yet";
    if (!look.files_are_whole || look.nameless > 0) return "its result files are not whole yet; " + missing;
    if (look.output_file_id.empty() && look.error_file_id.empty())
        return "it has ended, and names no result files yet";
    if (look.told_completed > look.ran)
        return "the provider counts " + with_commas(look.told_completed) + " answers and shows " +
               with_commas(look.ran);
    return "it has ended; " + missing;
}

}  // namespace batchd::engine
