#pragma once

#include <cstdint>

#include "provider/direct/journal/journal_format.hpp"
#include "provider/direct/wire/envelope.hpp"
#include "provider/direct/wire/verdict.hpp"

namespace batchd::provider::direct {

/// How often, and for how long, a row is tried again.
struct RetryLimits {
    unsigned attempts = 3;                     ///< of one row that may each have been charged
    Millis patience = std::chrono::hours(24);  ///< for a server that does not let a row in
    Millis min_backoff = std::chrono::seconds(1);
    Millis max_backoff = std::chrono::minutes(1);
};

/// What a row has behind it.
struct RowHistory {
    std::uint32_t attempts = 0;           ///< used up
    unsigned long_losses = 0;             ///< of these: not answered after a long time
    unsigned refusals = 0;                ///< in a row
    std::optional<Millis> refused_since;  ///< Clock::uptime()
    /// What the server had answered of the account when it failed with this row; nothing: it has not yet.
    std::optional<std::uint64_t> answers_at_failure;
};

/// What is done about a row that came back.
struct NextStep {
    enum class Kind {
        settle,  ///< it has its end, as `record` says
        again,   ///< it is sent again, after `delay`
        halt,    ///< nothing is sent any more until somebody has acted; the row has lost nothing
    };
    Kind kind = Kind::again;
    RecordKind record = RecordKind::answered;
    Millis delay{};
    RowHistory history;
};

/// Pure. Being refused costs no attempt, however often it happens, for nothing was done; what may have been
/// done and charged does, and what is lost after a long time is tried only once more. `jitter` is from 0
/// to 1.
NextStep next_step(const Verdict& verdict, RowHistory history, const RetryLimits& limits, Millis now,
                   double jitter);

/// The line of a row that has its end. `response` is nullptr where there was no answer.
std::string settled_line(const LineHead& head, const Verdict& verdict, const http::Response* response);

}  // namespace batchd::provider::direct
