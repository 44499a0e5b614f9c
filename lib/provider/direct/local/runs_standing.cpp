// How the runs of an account stand with its server, what of it another key or other limits change, and what
// people are told.

#include <algorithm>
#include <cstdio>

#include "provider/direct/local/runs.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {

/// Shorter ones are over before somebody has read of them.
constexpr Millis kShownPause = std::chrono::seconds(2);

}  // namespace

void Runs::heard(const std::string& key, const Verdict& verdict) {
    // It may have been replaced while the request was under way.
    if (verdict.meaning == Meaning::unauthorized && key != parts_.key.value()) return;
    const bool was_closed = standing_.closure().has_value();
    standing_.report(verdict, parts_.clock.uptime(), parts_.jitter());
    // The line first: what is let in behind this outcome would be refused like it.
    if (standing_.barred_until() && !line_.pace().is_barred()) {
        line_.bar();
        barred_.raise();
    }
    if (standing_.closure().has_value() != was_closed) tell_changed();
}

void Runs::tell_changed() {
    if (changed_) changed_();
}

asio::awaitable<void> Runs::let_go_in_time() {
    for (;;) {
        const auto until = standing_.barred_until();
        const Millis left = until ? *until - parts_.clock.uptime() : Millis(0);
        if (until && left <= Millis(0))
            let_go();
        else if (until)
            co_await barred_.wait_for(parts_.clock, left);
        else
            co_await barred_.wait();
    }
}

void Runs::let_go() {
    standing_.let_one_go();
    line_.let_go();
    go_.raise_all();
    forget_closure_of_nothing();
}

/// Nobody would find out any more that it is over.
void Runs::forget_closure_of_nothing() {
    if (any_left() || standing_.barred_until() || !standing_.closure()) return;
    standing_.begin_anew();
    tell_changed();
}

/// As many as are in flight may come back at once, and wait together.
std::size_t Runs::retries_max() const {
    return std::max<std::size_t>(Runner::Options().retries_max, options_.limits.max_in_flight);
}

/// The pause of an account is no longer than that of one of its requests.
PaceLimits Runs::with_pause(PaceLimits limits) const {
    limits.pause_max = options_.retry.max_backoff;
    return limits;
}

void Runs::set_limits(PaceLimits limits, Millis timeout) {
    options_.limits = limits;
    options_.timeout = timeout;
    for (const auto& [key, run] : runs_)
        if (run->runner != nullptr) run->runner->set_limits(timeout, retries_max());
    line_.set_limits(with_pause(limits));
}

void Runs::key_changed() {
    const auto& closure = standing_.closure();
    if (closure && (closure->kind == FailureKind::unauthorized || closure->kind == FailureKind::quota)) {
        standing_.begin_anew();
        // They would go on with the key that they began with.
        for (const auto& [key, run] : runs_)
            if (run->runner != nullptr) run->runner->stop();
        line_.let_go();
        barred_.raise();
    }
    go_.raise_all();
}

std::string Runs::activity() const {
    if (!any_left()) return {};
    char numbers[128];
    std::snprintf(numbers, sizeof numbers, "%.1f requests a second, %u in flight of at most %u", per_second_,
                  line_.pace().in_flight(), line_.pace().limit());
    const Millis until = std::max(line_.pace().paused_until(), standing_.barred_until().value_or(Millis(0)));
    const Millis left = until - parts_.clock.uptime();
    // A moment and not what is left until then: it is told again only where it has become another one.
    return left < kShownPause ? numbers
                              : numbers + (", none before " + to_utc_text(parts_.clock.now() + left));
}

std::string Runs::stall() const {
    if (!trouble_.empty()) return trouble_;
    if (!unreadable_.empty()) return to_string(unreadable_.begin()->second);
    for (const auto& [key, run] : runs_) {
        if (!run->trouble.empty()) return run->trouble;
        if (run->runner != nullptr && run->runner->trouble()) return to_string(*run->runner->trouble());
        const std::string refusal = run->progress().refusal;
        if (!standing_.barred_until() && run->runner != nullptr && per_second_ == 0 && !refusal.empty())
            return "the server lets no request in: " + refusal;
    }
    return {};
}

}  // namespace batchd::provider::direct
