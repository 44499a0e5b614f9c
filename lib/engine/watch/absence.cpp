#include "engine/watch/absence.hpp"

namespace batchd::engine {

Absence judge_absence(const AbsenceSeen& seen, TimePoint now) {
    if (!seen.in_own_words) return Absence::says_nothing;
    // With another key, its age explains nothing.
    const bool is_new = now - seen.submitted_at < kAbsenceOfNewMeansNothing;
    if (is_new && seen.same_account) return Absence::says_nothing;
    if (!seen.missing_since) return Absence::missing;
    // When everything is missing at once, the provider is asked with the wrong key, or in the wrong place.
    const bool proved = seen.same_account && seen.other_is_there && seen.looks >= kAbsenceLooksMin;
    return proved && now - *seen.missing_since >= kAbsenceProves ? Absence::gone : Absence::held;
}

std::string why_held_missing(const AbsenceSeen& seen, TimePoint now, const std::string& base_url_key) {
    const std::string since = "the provider says since " + to_utc_text(seen.missing_since.value_or(now)) +
                              " that it knows no such batch: ";
    if (!seen.same_account)
        return since +
               "it was made with another key or project, put that back; or give it up with `batchd abandon`";
    return since + "check " + base_url_key +
           ", the key and its project; it is asked for on and on, and "
           "`batchd abandon` gives it up";
}

}  // namespace batchd::engine
