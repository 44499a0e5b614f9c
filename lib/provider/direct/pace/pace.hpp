#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/units.hpp"
#include "provider/direct/pace/allowance.hpp"
#include "provider/direct/pace/concurrency.hpp"

namespace batchd::provider::direct {

struct PaceLimits {
    unsigned max_in_flight = 64;
    std::uint64_t requests_per_minute = 0;  ///< 0: no limit of ours
    std::uint64_t tokens_per_minute = 0;
    Millis pause_max = std::chrono::minutes(1);  ///< where the server names no time
    bool operator==(const PaceLimits&) const = default;
};

/// What the end of a request says about the server.
enum class Load {
    answered,
    refused,     ///< not let in; nothing was done, nothing is charged
    overloaded,  ///< not answered in time
    failing,     ///< it failed, or the connection to it; one row may be to blame, several in a row are not
    other,       ///< nothing: a row that is wrong
};

/// All that is learnt from one request.
struct Feedback {
    Load load = Load::other;
    std::optional<Millis> wait;  ///< what it asked us to wait
    RateHeaders rates;
    std::optional<std::uint64_t> tokens_used;  ///< by the answer's own count
};

/// When the next request of an account may go: concurrency, requests and tokens a minute, and the pauses that
/// the server asks for, in one place. Pure: values in, decision out; times are Clock::uptime().
///
/// Where the server names no time, nothing waits as long as something else is under way that it answers. It
/// is left alone for half a second, doubled up to `pause_max`, where it refuses again without having answered
/// in between, or where nothing is under way any more; its next answer ends that. One that has answered
/// lately is asked a little sooner, for what fails may be the rows that are left.
class Pace {
public:
    explicit Pace(PaceLimits limits);

    /// A request that may go; report() ends it.
    struct Start {
        Concurrency::Ticket ticket = 0;
        Millis at{};
        std::uint64_t tokens = 0;
        double requests_drawn = 0;
        double tokens_drawn = 0;
    };
    struct Admission {
        std::optional<Start> start;
        std::optional<Millis> wait;  ///< without a start: ask again after this; nothing: after a report
    };
    /// `tokens`: what the request will use, by estimate.
    Admission admit(std::uint64_t tokens, Millis now);
    /// `jitter` is from 0 to 1: it spreads what was stopped by one event.
    void report(const Start& start, const Feedback& feedback, Millis now, double jitter);

    /// Nothing goes until let_go(), and then one request first.
    void bar();
    void let_go() { is_barred_ = false; }
    bool is_barred() const { return is_barred_; }
    /// Nothing goes any more.
    void close() { is_closed_ = true; }
    /// Other limits from now on; what was found out about the server stays.
    void set_limits(PaceLimits limits);

    unsigned limit() const { return concurrency_.limit(); }
    unsigned ceiling() const { return concurrency_.ceiling(); }
    unsigned in_flight() const { return concurrency_.in_flight(); }
    /// How many were answered so far.
    std::uint64_t answers() const { return answers_; }
    /// Until when nothing is sent; in the past: something is. For people: an uptime.
    Millis paused_until() const { return paused_until_; }

private:
    /// Until no pause is left and all of the allowances let so much go.
    Millis wait(std::uint64_t tokens, Millis now);
    /// Where the server asks for one, or refuses without answering anybody.
    void pause(bool was_cut, const Feedback& feedback, Millis now, double jitter);

    PaceLimits limits_;
    Concurrency concurrency_;
    Allowance our_requests_, our_tokens_, their_requests_, their_tokens_;
    Millis paused_until_{};
    bool is_pause_ours_ = false;  // the server has named no time
    unsigned pauses_ = 0;         // how many times the pause was doubled
    unsigned failing_ = 0;        // in a row
    bool has_answered_ = true;    // since the last cut
    std::uint64_t answers_ = 0;
    std::optional<Millis> answered_at_;  // the last
    bool is_barred_ = false;
    bool is_closed_ = false;
};

}  // namespace batchd::provider::direct
