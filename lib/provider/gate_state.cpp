#include "provider/gate_state.hpp"

#include <algorithm>

namespace batchd::provider {
namespace {

/// For one who waits for a probe to end: its end wakes the others, so that this is only a safety net.
constexpr Millis kUntilProbed = std::chrono::minutes(10);

/// What one outcome says about whether the provider may be called.
enum class News {
    answers,   ///< it is there and lets us in
    alive,     ///< it is there, in trouble of its own
    silence,   ///< nothing came back
    stay_off,  ///< it, or the network, tells us to wait
    none,      ///< it was not asked
};

News news_of(const Failure& failure) {
    switch (failure.kind) {
        case FailureKind::refused:
        case FailureKind::not_found:
        case FailureKind::conflict:
        case FailureKind::unsupported:
        case FailureKind::token_limit:
            return News::answers;
        case FailureKind::rate_limited:
        case FailureKind::quota:
        case FailureKind::unauthorized:
        case FailureKind::unreachable:
            return News::stay_off;
        case FailureKind::unavailable:
        case FailureKind::doubt:
            if (failure.retry_after) return News::stay_off;
            // A 500 shows that somebody is there, who has a trouble with this one call; a connection that
            // breaks off shows nothing.
            return failure.http_status != 0 ? News::alive : News::silence;
        case FailureKind::local:
            return News::none;
    }
    return News::none;
}

bool is_probed_first(FailureKind kind) {
    return kind == FailureKind::quota || kind == FailureKind::unauthorized ||
           kind == FailureKind::unreachable;
}

bool is_about_all(FailureKind kind, Reach reach) {
    return kind == FailureKind::unreachable || (kind == FailureKind::unauthorized && reach == Reach::all);
}

std::string reason_for(const Failure& failure, Reach reach) {
    if (failure.kind == FailureKind::unauthorized && reach == Reach::lane)
        return "the provider does not let the key do this: " + to_string(failure);
    switch (failure.kind) {
        case FailureKind::quota:
            return "the account's quota is spent: " + to_string(failure);
        case FailureKind::unauthorized:
            return "the provider refuses the key: " + to_string(failure);
        case FailureKind::unreachable:
            return "the provider can't be reached: " + to_string(failure);
        default:
            return "the provider asks us to wait: " + to_string(failure);
    }
}

bool has_kind(const std::vector<GateState::Closure>& closures, FailureKind kind) {
    return std::any_of(closures.begin(), closures.end(),
                       [kind](const auto& closure) { return closure.kind == kind; });
}

}  // namespace

GateState::GateState(Backoff backoff) : backoff_(backoff) {}

GateState::Admission GateState::admit(CallKind which, Millis now) {
    LaneState& lane = state(which);
    if (!lane.closure) return {Pass{which, lane.epoch}};
    if (now < lane.closure->until) return {std::nullopt, lane.closure->until - now};
    // A limit that has run out needs no probe: the first calls are the probe, and their answers are as good
    // as any.
    if (!is_probed_first(lane.closure->kind)) return {Pass{which, lane.epoch}};
    // One goes first; after an outage of a day the rows of a day must not all go at once.
    if (is_probed(lane.closure->kind)) return {std::nullopt, kUntilProbed};
    lane.is_probed = true;
    return {Pass{which, lane.epoch, lane.is_closed_with_all ? Probe::neutral : Probe::own}};
}

bool GateState::is_probed(FailureKind kind) const {
    return std::any_of(lanes_.begin(), lanes_.end(), [kind](const LaneState& lane) {
        return lane.is_probed && lane.closure && lane.closure->kind == kind;
    });
}

GateState::Changes GateState::report_success(const Pass& pass) {
    const auto before = closures();
    LaneState& lane = state(pass.lane);
    abandon(pass);
    // A call that began before the gate closed says nothing about whether it may open.
    if (pass.epoch == lane.epoch) answered(lane, pass.probe);
    return since(before);
}

GateState::Changes GateState::report_failure(const Pass& pass, const Failure& failure, Millis now,
                                             double jitter, Reach reach) {
    const auto before = closures();
    LaneState& lane = state(pass.lane);
    abandon(pass);
    if (pass.epoch != lane.epoch) {
        // Of several calls that hit one wall, the first has closed the gate; the others can only ask for
        // longer.
        if (failure.retry_after && lane.closure && lane.closure->kind == failure.kind)
            lane.closure->until = std::max(lane.closure->until, now + *failure.retry_after);
        return {};
    }
    // What this one call is not let do closes nothing: the key is good, or nobody can tell.
    const bool is_about_call = failure.kind == FailureKind::unauthorized && reach == Reach::call;
    const News news = is_about_call ? News::answers : news_of(failure);
    const bool was_unreachable = lane.closure && lane.closure->kind == FailureKind::unreachable;
    if (news == News::answers || (news == News::alive && was_unreachable)) {
        // A 500 shows that the network is back, and says nothing of whether the key is let in.
        answered(lane, news == News::answers ? pass.probe : Probe::own);
    } else if (news == News::stay_off) {
        close(pass, failure, now, jitter, reach);
    } else if (pass.probe != Probe::none && lane.closure && news != News::none) {
        lane.closure->until = now + delay(failure, ++lane.failures, jitter);
    }
    return since(before);
}

GateState::Changes GateState::report_unpaid(const Failure& refusal, Millis now, double jitter) {
    const auto before = closures();
    const LaneState& lane = state(CallKind::create);
    const bool is_known =
        lane.closure && lane.closure->kind == FailureKind::quota && now < lane.closure->until;
    if (is_known || (lane.closure && lane.is_closed_with_all)) return {};
    close({CallKind::create, lane.epoch}, refusal, now, jitter, Reach::lane);
    return since(before);
}

void GateState::abandon(const Pass& pass) {
    LaneState& lane = state(pass.lane);
    if (pass.probe != Probe::none && is_current(pass)) lane.is_probed = false;
}

bool GateState::is_current(const Pass& pass) const {
    return pass.epoch == lanes_[static_cast<std::size_t>(pass.lane)].epoch;
}

GateState::Changes GateState::key_changed() {
    const auto before = closures();
    for (LaneState& lane : lanes_) {
        ++lane.epoch;  // calls under way with the old key say nothing about the new one
        lane.is_probed = false;
        if (!lane.closure) continue;
        const FailureKind kind = lane.closure->kind;
        if (kind == FailureKind::unauthorized || kind == FailureKind::quota)
            lane.closure.reset(), lane.failures = 0;
    }
    return since(before);
}

GateState::Changes GateState::key_missing(Millis now) {
    const auto before = closures();
    const Closure closure{FailureKind::unauthorized,
                          "there is no API key: nothing is sent until there is one", now + backoff_.max};
    for (LaneState& lane : lanes_) {
        ++lane.epoch;
        lane.closure = closure;
        lane.is_probed = false;
        lane.is_closed_with_all = true;
    }
    return since(before);
}

std::vector<GateState::Closure> GateState::closures() const {
    std::vector<Closure> all;
    for (const LaneState& lane : lanes_)
        if (lane.closure && !has_kind(all, lane.closure->kind)) all.push_back(*lane.closure);
    return all;
}

Millis GateState::delay(const Failure& failure, unsigned failures, double jitter) const {
    const auto part = [jitter](Millis whole) {
        return Millis(static_cast<Millis::rep>(static_cast<double>(whole.count()) * jitter));
    };
    if (failure.retry_after) return *failure.retry_after + part(backoff_.min);
    // A person has to act, which takes hours. To ask every second meanwhile is what gets an account locked.
    if (failure.kind == FailureKind::quota || failure.kind == FailureKind::unauthorized)
        return backoff_.max - part(backoff_.max / 4);
    return backoff_.delay(failures, jitter);
}

void GateState::close(const Pass& pass, const Failure& failure, Millis now, double jitter, Reach reach) {
    // A quota is told by any call that costs, and stops creates alone.
    const LaneState& origin = state(failure.kind == FailureKind::quota ? CallKind::create : pass.lane);
    // Another kind of trouble begins its own row of pauses.
    const bool is_again = origin.closure && origin.closure->kind == failure.kind;
    const unsigned failures = is_again ? origin.failures + 1 : 1;
    const Closure closure{failure.kind, reason_for(failure, reach), now + delay(failure, failures, jitter)};
    for (LaneState& lane : lanes_) {
        if (!is_about_all(failure.kind, reach) && &lane != &origin) continue;
        lane.closure = closure;
        lane.failures = failures;
        lane.is_probed = false;
        lane.is_closed_with_all = is_about_all(failure.kind, reach);
        ++lane.epoch;
    }
}

void GateState::answered(LaneState& lane, Probe probe) {
    for (LaneState& other : lanes_) {
        const bool is_reachable_now = other.closure && other.closure->kind == FailureKind::unreachable;
        const bool is_let_in_now = probe == Probe::neutral && other.is_closed_with_all;
        if (&other == &lane || is_reachable_now || is_let_in_now)
            other.closure.reset(), other.failures = 0, other.is_probed = false;
    }
}

GateState::Changes GateState::since(const std::vector<Closure>& before) const {
    const auto after = closures();
    Changes changes;
    for (const Closure& closure : after)
        if (!has_kind(before, closure.kind)) changes.closed.push_back(closure);
    for (const Closure& closure : before)
        if (!has_kind(after, closure.kind)) changes.opened.push_back(closure);
    return changes;
}

}  // namespace batchd::provider
