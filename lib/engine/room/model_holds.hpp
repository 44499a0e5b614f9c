#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/backoff.hpp"
#include "base/units.hpp"

namespace batchd::engine {

/// Models whose batches must wait because the provider said that too many tokens are enqueued, or that the
/// account can't pay, and the limits that it named. Kept in memory: after a restart the first batch finds out
/// again.
class ModelHolds {
public:
    explicit ModelHolds(Backoff backoff) : backoff_(backoff) {}

    /// The provider refused a batch of `model` at uptime `now`: hold, longer each time in a row. Answers how
    /// long.
    Millis hold(const std::string& model, Millis now, double jitter);
    /// Holds `model` for `delay` at least, whatever becomes of its other batches, because `why`, which is for
    /// people.
    void hold_for(const std::string& model, Millis now, Millis delay, std::string why);
    /// A batch of `model` has ended, so there may be room: what hold() holds is free.
    void release(const std::string& model);
    /// A batch of `model` was accepted: likewise, and the next refusal is the first again.
    void accepted(const std::string& model);
    /// How much longer `model` is held; nothing: it isn't.
    std::optional<Millis> held_for(const std::string& model, Millis now) const;
    /// Why it is, or was last.
    std::string why_held(const std::string& model) const;

    /// The provider named its limit of enqueued tokens at uptime `now`. It is believed for a day: limits grow
    /// with what an account has paid.
    void learn_limit(const std::string& model, std::uint64_t tokens, Millis now);
    std::optional<std::uint64_t> learnt_limit(const std::string& model, Millis now) const;
    /// The limit of `model`: what is configured goes first.
    std::optional<std::uint64_t> limit_of(const std::string& model,
                                          const std::map<std::string, std::uint64_t>& configured,
                                          Millis now) const;
    /// A shard was refused for want of room, with so many batches of ours enqueued beside it. Answers how
    /// often in a row there was none beside it.
    unsigned refused(const std::string& job_key, std::uint64_t shard, std::uint64_t beside);
    /// It is no longer waited with.
    void forget_refusals(const std::string& job_key, std::uint64_t shard) {
        refused_alone_.erase({job_key, shard});
    }

private:
    /// Refusals in a row, and the uptime until which nothing of the model is sent.
    struct Hold {
        unsigned refusals = 0;
        Millis until{0};
    };
    struct Trouble {
        Millis until{0};
        std::string why{};
    };
    struct Limit {
        std::uint64_t tokens = 0;
        Millis learnt_at{0};
    };
    Backoff backoff_;
    std::map<std::string, Hold> holds_;
    std::map<std::string, Trouble> troubles_;
    std::map<std::string, Limit> limits_;
    std::map<std::pair<std::string, std::uint64_t>, unsigned> refused_alone_;
};

}  // namespace batchd::engine
