#pragma once

#include <cstdint>

namespace batchd::provider::direct {

/// How many requests may be under way at once: what the server takes, found by trying. Pure.
///
/// From few it doubles with every round trip until something is refused; from then on it grows by steps that
/// become smaller the nearer it comes to where it was refused, waits a while below that, and tries again. A
/// refusal leaves seven eighths of what the server holds at that moment, a time-out half of the limit, and a
/// server that fails with everything gets one at a time. Only requests that began after the last cut can
/// bring about another: of a burst that is refused the first one counts. Never below 1, never above the
/// ceiling.
class Concurrency {
public:
    explicit Concurrency(unsigned ceiling);

    /// A request under way: of which cut it knows.
    using Ticket = std::uint64_t;
    enum class End {
        answered,
        refused,     ///< not let in: the server has enough with the others
        overloaded,  ///< let in, and not answered in time
        failing,     ///< it fails with everything: each further request would most likely be lost as well
        other,       ///< says nothing about what the server can take
    };

    /// Asked before start(), which does not ask again.
    bool has_room() const { return in_flight_ < limit_; }
    Ticket start();
    /// True when the limit was cut.
    bool end(Ticket ticket, End how);

    /// One at a time, as after a long silence; what is under way says nothing about those that follow.
    void begin_with_one();

    /// Another ceiling from now on.
    void set_ceiling(unsigned ceiling);
    unsigned ceiling() const { return ceiling_; }
    unsigned limit() const { return limit_; }
    unsigned in_flight() const { return in_flight_; }

private:
    /// After an answer, where the limit was in use.
    void grow();
    /// Down to `limit`; it was refused at `wall`.
    void cut(unsigned limit, unsigned wall);
    /// By how much the limit grows next: the more, the further away the wall is.
    unsigned step() const;

    unsigned ceiling_;
    unsigned limit_;
    unsigned in_flight_ = 0;
    unsigned wall_ = 0;     // where it was refused last; 0: not yet, or long past
    unsigned answers_ = 0;  // since the last step
    Ticket cuts_ = 0;
};

}  // namespace batchd::provider::direct
