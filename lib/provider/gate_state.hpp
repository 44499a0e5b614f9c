#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/backoff.hpp"
#include "base/units.hpp"
#include "provider/provider.hpp"
#include "provider/refusal.hpp"

namespace batchd::provider {

/// The pure half of the gate: from the outcomes of calls it knows when the next one may go. A kind of calls
/// has a lane of its own: a spent quota stops create() alone, for looking and fetching cost nothing. Times
/// are Clock::uptime().
///
/// - rate_limited closes the lane it came from, for as long as the provider asks, else for a time that
/// doubles from the least to the most back-off; so does any failure with a Retry-After.
/// - unreachable closes all lanes, likewise; unauthorized closes all (or its lane, where the key is known to
/// be good for others), and quota the create lane, for the most back-off.
/// - After these three, a probe goes first, and the others wait for what it finds. What is closed as a whole
/// is probed with a neutral call, which is about nobody's rows; a lane with a call of its own.
/// - Without a key all is closed until there is one.
/// - An answer opens its lane, and ends "unreachable" for all. A call that began before the last change says
/// nothing.
///
/// `jitter` is from 0 to 1: it spreads the calls of many daemons that were stopped by one event.
class GateState {
public:
    explicit GateState(Backoff backoff);

    enum class Probe {
        none,
        own,      ///< the call goes first
        neutral,  ///< something neutral is asked first; then the call has to be admitted again
    };
    /// The right to make one call; report() or abandon() ends it.
    struct Pass {
        CallKind lane;
        std::uint64_t epoch;
        Probe probe = Probe::none;
    };
    struct Admission {
        std::optional<Pass> pass;
        Millis wait{};  ///< without a pass: ask again after this, or after the next change
    };
    /// To be asked again by each who waits: an admission is for one call.
    Admission admit(CallKind lane, Millis now);

    using Closure = provider::Closure;
    /// What began and what ended by one report.
    struct Changes {
        std::vector<Closure> closed;
        std::vector<Closure> opened;
    };
    Changes report_success(const Pass& pass);
    /// `reach`: of an `unauthorized`.
    Changes report_failure(const Pass& pass, const Failure& failure, Millis now, double jitter,
                           Reach reach = Reach::all);
    /// The account can't pay, which no call was told but a batch's requests were: create() is closed as if it
    /// had been refused, unless it is closed for that, or all is closed, already.
    Changes report_unpaid(const Failure& refusal, Millis now, double jitter);
    /// The call ended without an outcome.
    void abandon(const Pass& pass);
    /// Another key is in use: what only the old one was to blame for is over.
    Changes key_changed();
    /// There is no key: to be told at every admission, until key_changed().
    Changes key_missing(Millis now);
    /// False when what the call finds says nothing any more.
    bool is_current(const Pass& pass) const;

    /// What is closed and why, one entry a kind.
    std::vector<Closure> closures() const;

private:
    /// What is known of one kind of calls.
    struct LaneState {
        std::optional<Closure> closure;
        unsigned failures = 0;    // in a row, of the closure's kind
        std::uint64_t epoch = 0;  // counts what makes the outcomes of calls under way meaningless
        bool is_probed = false;
        bool is_closed_with_all = false;
    };

    LaneState& state(CallKind lane) { return lanes_[static_cast<std::size_t>(lane)]; }
    /// Somebody is finding out whether a closure of this kind is over.
    bool is_probed(FailureKind kind) const;
    Millis delay(const Failure& failure, unsigned failures, double jitter) const;
    /// The lane of the call or, where the failure is about all calls, each lane.
    void close(const Pass& pass, const Failure& failure, Millis now, double jitter, Reach reach);
    /// Opens what an answer in this lane proves to be open.
    void answered(LaneState& lane, Probe probe);
    /// What is closed now and was not before, and the other way round.
    Changes since(const std::vector<Closure>& before) const;

    Backoff backoff_;
    /// By CallKind.
    std::array<LaneState, 3> lanes_;
};

}  // namespace batchd::provider
