#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/units.hpp"
#include "engine/backoff.hpp"

namespace batchd::engine {

/// Models whose batches must wait because the provider said that too many tokens are enqueued, or that the
/// account can't pay. Kept in memory: after a restart the first batch finds out again.
class ModelHolds {
public:
    explicit ModelHolds(Backoff backoff) : backoff_(backoff) {}

    /// The provider refused a batch of `model` at uptime `now`: hold, longer each time in a row. Answers how
    /// long.
    Millis hold(const std::string& model, Millis now, double jitter);
    /// A batch of `model` has ended, so there may be room.
    void release(const std::string& model);
    /// A batch of `model` was accepted.
    void accepted(const std::string& model);
    /// How much longer `model` is held; nothing: it isn't.
    std::optional<Millis> held_for(const std::string& model, Millis now) const;

private:
    struct Hold {
        unsigned refusals = 0;
        Millis until{0};
    };
    Backoff backoff_;
    std::map<std::string, Hold> holds_;
};

}  // namespace batchd::engine
