#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"

/// What it proves that the provider says it knows no such batch. Pure.
namespace batchd::engine {

/// So long it must say so, without a break.
inline constexpr Millis kAbsenceProves = std::chrono::hours(6);
/// So many times in a row this process must have heard it: a clock that was set, or a machine that slept,
/// makes hours of two looks.
inline constexpr unsigned kAbsenceLooksMin = 10;
/// A batch of this account that is that young may only be new to the half of the provider that was asked.
inline constexpr Millis kAbsenceOfNewMeansNothing = std::chrono::minutes(10);

/// What was seen in one round of polling.
struct AbsenceSeen {
    bool in_own_words = false;               ///< the provider's own error object, not a page on the way to it
    std::optional<TimePoint> missing_since;  ///< before this round
    unsigned looks = 1;                      ///< in a row, this one included, that said so to this process
    TimePoint submitted_at{};
    bool same_account = false;    ///< it was made with the key and project that calls are made with now
    bool other_is_there = false;  ///< another batch of this account was seen in the same round
};

enum class Absence {
    says_nothing,  ///< asked again, as if nothing had been said
    missing,       ///< on record from now on; asked again
    held,          ///< likewise, and somebody has to know: it may be the wrong key, project or address
    gone           ///< the provider no longer has it
};

Absence judge_absence(const AbsenceSeen& seen, TimePoint now);

/// What to do about a batch that is held for its absence. The key of the configuration is the one that says
/// where its provider is. One line, for the condition of the batch.
std::string why_held_missing(const AbsenceSeen& seen, TimePoint now, const std::string& base_url_key);

}  // namespace batchd::engine
