#include "provider/direct/pace/allowance.hpp"

#include <algorithm>
#include <cmath>

namespace batchd::provider::direct {

Allowance Allowance::a_minute(std::uint64_t amount) {
    Allowance made;
    if (amount == 0) return made;
    // A second's worth, and one at least: a limit of thirty a minute lets one go every other second.
    made.capacity_ = std::max(1.0, static_cast<double>(amount) / 60);
    made.a_milli_ = static_cast<double>(amount) / 60'000;
    made.level_ = made.capacity_;
    return made;
}

void Allowance::fill(Millis now) {
    const double passed = static_cast<double>((now - filled_).count());
    if (passed > 0) level_ = std::min(capacity_, level_ + passed * a_milli_);
    filled_ = std::max(filled_, now);
}

Millis Allowance::wait(double amount, Millis now) {
    const Millis until_reset = std::max(empty_until_ - now, Millis(0));
    if (capacity_ <= 0) return until_reset;
    return std::max(until_reset, wait_to_fill(amount, now));
}

Millis Allowance::wait_to_fill(double amount, Millis now) {
    fill(now);
    // The hair's breadth is what sums of fractions may lack.
    const double missing = std::min(amount, capacity_) - level_ - 1e-6;
    if (missing <= 0) return Millis(0);
    // An hour at most: who waits asks again then, and nothing overflows.
    const double millis = std::min(std::ceil(missing / a_milli_), 3'600'000.0);
    return std::max(Millis(1), Millis(static_cast<Millis::rep>(millis)));
}

void Allowance::draw(double amount, Millis now) {
    fill(now);
    drawn_ += amount;
    // May go below zero: what is larger than the bucket leaves a debt that the others wait for.
    if (capacity_ > 0) level_ -= amount;
}

void Allowance::correct(double drawn, double used) {
    level_ = std::min(capacity_, level_ + drawn - used);
}

void Allowance::observe(const RateWindow& window, double drawn_then, Millis sent, Millis now) {
    // Answers come back in another order than they were sent; an older one knows less.
    if (drawn_then < known_at_) return;
    if (window.limit || window.remaining) known_at_ = drawn_then;
    if (!window.limit) {
        const bool ran_out = window.remaining && *window.remaining < 1 && window.reset;
        if (ran_out)
            empty_until_ = std::max(empty_until_, now + *window.reset);
        else if (window.remaining)
            empty_until_ = Millis(0);
        return;
    }
    capacity_ = *window.limit;
    a_milli_ = capacity_ / static_cast<double>(window.period.count());
    if (!window.remaining) {
        level_ = std::min(level_, capacity_);
        return;
    }
    // The time to a full allowance tells the rate, whatever the period of the limit is: some are a day's.
    const double used = capacity_ - *window.remaining;
    if (window.reset && window.reset->count() > 0 && used > 0)
        a_milli_ = used / static_cast<double>(window.reset->count());
    const double since = static_cast<double>((now - sent).count()) * a_milli_;
    level_ = std::min(capacity_, *window.remaining - (drawn_ - drawn_then) + since);
    filled_ = std::max(filled_, now);
}

}  // namespace batchd::provider::direct
