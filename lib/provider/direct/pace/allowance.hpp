#pragma once

#include <cstdint>

#include "provider/direct/pace/rate_headers.hpp"

namespace batchd::provider::direct {

/// So much a minute, of requests or of tokens: a bucket that fills up evenly and is drawn from. Pure; times
/// are Clock::uptime(). Without a rate it is no limit.
class Allowance {
public:
    /// No limit, until a server says that there is one.
    Allowance() = default;
    /// Ours: a second's worth may go at once, since servers count in such slices as well.
    static Allowance a_minute(std::uint64_t amount);

    /// How long until `amount` may be drawn. What is larger than the bucket waits for a full one, and leaves
    /// a debt behind: it goes alone.
    Millis wait(double amount, Millis now);
    void draw(double amount, Millis now);
    /// It has turned out that less (or more) was used than drawn.
    void correct(double drawn, double used);
    /// All that was drawn so far: what a request is to remember for observe().
    double drawn() const { return drawn_; }

    /// What the server says was left when it took a request that had been sent at `sent`, up to which
    /// `drawn_then` had been drawn (with its own). What was drawn since is not in it. Old news are passed
    /// over.
    void observe(const RateWindow& window, double drawn_then, Millis sent, Millis now);

private:
    /// Brings the level to the instant `now`.
    void fill(Millis now);
    Millis wait_to_fill(double amount, Millis now);

    double capacity_ = 0;  // 0: no limit
    double a_milli_ = 0;   // what comes in with a millisecond
    double level_ = 0;
    Millis filled_{};
    Millis empty_until_{};  // by a server that tells what is left, and not of how much
    double drawn_ = 0;
    double known_at_ = 0;  // drawn_then of the newest that was observed
};

}  // namespace batchd::provider::direct
