#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Keeps the table `conditions` at what holds now, and writes only where that is another than before. Rows
/// that others set there are left alone.
class ConditionKeeper {
public:
    ConditionKeeper(store::Store& store, const Log& log, const Clock& clock)
        : store_(store), log_(log), clock_(clock) {}

    /// What an earlier run has left in the table counts as told: where it does not hold any more, the first
    /// call of keep() ends it.
    Result<void> begin();
    /// These hold, and of those that it was told before no others. One without `since` begins now. In one
    /// transaction; after an error nothing has changed, and the next call makes up for it.
    Result<void> keep(std::vector<store::Condition> now);

private:
    using Name = std::pair<std::string, std::string>;  // kind and about

    /// Only the difference to `kept_`. Part of the caller's transaction.
    Result<void> write(const std::map<Name, store::Condition>& wanted);

    store::Store& store_;
    const Log& log_;
    const Clock& clock_;
    /// What the table has, as far as it is ours.
    std::map<Name, store::Condition> kept_;
};

}  // namespace batchd::engine
