#include "provider/direct/pace/pace_line.hpp"

#include <utility>

namespace batchd::provider::direct {

namespace asio = boost::asio;

/// One who waits; steps out of the line when its coroutine is unwound, and hands on what it had been given.
struct PaceLine::Waiter {
    Waiter(PaceLine& of, const Owner& whose, std::uint64_t size)
        : line(of), job(whose), tokens(size), wake(of.executor_) {
        line.turns_.add(job, this);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    ~Waiter() {
        if (is_in_line) line.turns_.remove(job, this);
        // It was let in and is cancelled before it knew: its place goes to the next one.
        if (start) line.ended(*start, Feedback{});
        if (is_in_line) line.admit_all();
    }

    PaceLine& line;
    Owner job;
    std::uint64_t tokens;
    Wake wake;
    std::optional<Pace::Start> start;
    std::optional<Millis> look_at;  ///< while it is the first: when the pace wants to be asked again
    bool is_in_line = true;
};

PaceLine::PaceLine(PaceLimits limits, asio::any_io_executor executor, Clock& clock, Jitter jitter)
    : executor_(std::move(executor)), clock_(clock), jitter_(std::move(jitter)), pace_(limits) {}

PaceLine::Pass::Pass(Pass&& other) noexcept
    : line_(std::exchange(other.line_, nullptr)), start_(other.start_) {}

PaceLine::Pass::~Pass() {
    if (line_ != nullptr) report(Feedback{});
}

void PaceLine::Pass::report(const Feedback& feedback) {
    if (PaceLine* const line = std::exchange(line_, nullptr)) line->ended(start_, feedback);
}

void PaceLine::ended(const Pace::Start& start, const Feedback& feedback) {
    pace_.report(start, feedback, clock_.uptime(), jitter_());
    if (pace_.in_flight() == 0) drained_.raise_all();
    admit_all();
}

void PaceLine::let_go() {
    pace_.let_go();
    admit_all();
}

void PaceLine::set_limits(PaceLimits limits) {
    pace_.set_limits(limits);
    admit_all();
}

asio::awaitable<void> PaceLine::drain() {
    pace_.close();
    Wake wake(executor_);
    const WakeLine::Place place(drained_, wake);
    while (pace_.in_flight() > 0) co_await wake.wait();
}

void PaceLine::admit_all() {
    while (!turns_.empty()) {
        // Only the first is asked for: when it does not fit, what is behind it waits as well, or a request
        // with many tokens would never get its turn.
        Waiter& first = *turns_.front();
        const Millis now = clock_.uptime();
        const auto admission = pace_.admit(first.tokens, now);
        if (!admission.start) {
            const auto look_at = admission.wait ? std::optional(now + *admission.wait) : std::nullopt;
            // Its wait begins anew only where it has become another one.
            if (std::exchange(first.look_at, look_at) != look_at) first.wake.nudge();
            return;
        }
        turns_.pop();
        first.is_in_line = false;
        first.start = admission.start;
        first.wake.raise();
    }
}

asio::awaitable<PaceLine::Pass> PaceLine::enter(Owner job, std::uint64_t tokens) {
    // Who comes while others wait goes behind them, even where there is room for it: small requests would
    // otherwise overtake a large one for ever.
    if (turns_.empty())
        if (const auto admission = pace_.admit(tokens, clock_.uptime()); admission.start)
            co_return Pass(*this, *admission.start);
    Waiter waiter(*this, job, tokens);
    admit_all();
    while (!waiter.start) {
        if (!waiter.look_at) {
            co_await waiter.wake.wait();
        } else if (const Millis left = *waiter.look_at - clock_.uptime(); left > Millis(0)) {
            co_await waiter.wake.wait_for(clock_, left);
        } else {
            // It may be the first no longer, and then has nothing to look at.
            waiter.look_at.reset();
            admit_all();
        }
    }
    co_return Pass(*this, *std::exchange(waiter.start, std::nullopt));
}

}  // namespace batchd::provider::direct
