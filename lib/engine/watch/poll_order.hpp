#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "provider/provider.hpp"

namespace batchd::engine {

/// What follows for a round of polling when a batch could not be asked for.
enum class AfterFailure {
    absent,     ///< the provider says that there is none
    pass_over,  ///< it is about this batch, for all that is known: the next one is asked for
    stop        ///< it would be the same for all of them
};
AfterFailure after_failure(provider::FailureKind kind);

/// Batches in a row that could not be asked for, after which a round is over.
inline constexpr unsigned kFailuresInARow = 3;

/// In which order batches are asked for by their id, so that none of them starves the others: the one that
/// was not asked for the longest comes first, and one that can't be asked is passed over, longer each time.
/// Pure; `now` is an uptime.
class PollOrder {
public:
    /// Row ids of those that are to be asked for now, out of `rows`.
    std::vector<std::int64_t> to_ask(const std::vector<std::int64_t>& rows, Millis now) const;
    /// True when `row` was not asked for as long as `other` was not, and longer.
    bool is_before(std::int64_t row, std::int64_t other) const;
    void asked(std::int64_t row);
    /// It could not be asked for, and `why` is what is said of it. True when that is new.
    bool failed(std::int64_t row, Millis now, const Backoff& backoff, double jitter, const std::string& why);
    /// It answered. True when it had been passed over.
    bool answered(std::int64_t row);
    /// Forgets all but `rows`. Answers which of the forgotten ones were passed over.
    std::vector<std::int64_t> keep_only(const std::vector<std::int64_t>& rows);

private:
    struct Passed {
        unsigned failures = 0;
        Millis until{0};
        std::string why;
    };
    std::uint64_t turn_ = 0;
    std::map<std::int64_t, std::uint64_t> asked_at_;  // by turn
    std::map<std::int64_t, Passed> passed_;
};

}  // namespace batchd::engine
