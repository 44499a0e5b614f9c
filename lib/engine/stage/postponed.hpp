#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/units.hpp"
#include "provider/provider.hpp"

namespace batchd::engine {

/// Why a row could not be moved on now. It stays in its state, and is taken up again.
struct Postponed {
    enum class Until {
        backoff,        ///< longer each time
        delay,          ///< after `delay`
        woken_or_delay  ///< when the stage is woken, after `delay` at the latest
    };
    std::string why;
    Until until = Until::backoff;
    Millis delay{0};
    /// With woken_or_delay: rows with the same word wait for the same thing, those of the highest priority
    /// first, and then in the order of their ids. Only the first few of them are tried when the stage is
    /// woken; the next one when one of these goes on.
    std::string queue{};
    std::int64_t priority = 0;
    /// Nothing is wrong, it takes its time: shown while it lasts, and no line in the log.
    bool is_usual = false;
    /// What is wrong is wrong with this row, as its files are: others of its kind do not wait behind it.
    bool is_its_own = false;
};

/// Nothing: the row went on. Otherwise it waits.
using Progress = std::optional<Postponed>;

/// A failure of disk, memory or database: back off.
Postponed postponed(const Error& error);
/// A failure of the provider: back off, or wait as long as it asks.
Postponed postponed(const provider::Failure& failure, std::string_view doing);

}  // namespace batchd::engine
