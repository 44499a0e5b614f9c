#include "provider/direct/pace/pace.hpp"

#include <algorithm>

namespace batchd::provider::direct {
namespace {

constexpr Millis kPauseMin = std::chrono::milliseconds(500);
constexpr Millis kLately = std::chrono::minutes(10);
/// Of a server that has answered lately. At this rate each request that is in flight when an outage begins
/// loses one attempt more in that time, and a few dozen rows at a job's end that always fail are through.
constexpr Millis kPauseMaxLately = std::chrono::seconds(15);
/// So many failures of different requests in a row are the server's, not theirs.
constexpr unsigned kFailingInARow = 4;

Concurrency::End end_of(Load load) {
    switch (load) {
        case Load::answered:
            return Concurrency::End::answered;
        case Load::refused:
            return Concurrency::End::refused;
        case Load::overloaded:
            return Concurrency::End::overloaded;
        case Load::failing:
        case Load::other:
            return Concurrency::End::other;
    }
    return Concurrency::End::other;
}

}  // namespace

Pace::Pace(PaceLimits limits)
    : limits_(limits),
      concurrency_(limits.max_in_flight),
      our_requests_(Allowance::a_minute(limits.requests_per_minute)),
      our_tokens_(Allowance::a_minute(limits.tokens_per_minute)) {}

Millis Pace::wait(std::uint64_t tokens, Millis now) {
    const auto amount = static_cast<double>(tokens);
    return std::max({paused_until_ - now, our_requests_.wait(1, now), their_requests_.wait(1, now),
                     our_tokens_.wait(amount, now), their_tokens_.wait(amount, now), Millis(0)});
}

void Pace::set_limits(PaceLimits limits) {
    concurrency_.set_ceiling(limits.max_in_flight);
    // One that is the same goes on: it knows what was drawn of it.
    if (limits.requests_per_minute != limits_.requests_per_minute)
        our_requests_ = Allowance::a_minute(limits.requests_per_minute);
    if (limits.tokens_per_minute != limits_.tokens_per_minute)
        our_tokens_ = Allowance::a_minute(limits.tokens_per_minute);
    limits_ = limits;
}

void Pace::bar() {
    is_barred_ = true;
    concurrency_.begin_with_one();
}

Pace::Admission Pace::admit(std::uint64_t tokens, Millis now) {
    Admission admission;
    // Without a time to come back: the end of a request is what makes room, and it wakes the line.
    if (is_barred_ || is_closed_ || !concurrency_.has_room()) return admission;
    if (const Millis left = wait(tokens, now); left > Millis(0)) {
        admission.wait = left;
        return admission;
    }
    // Drawn at the start, by what is expected, and corrected by what the answer says: to wait for that
    // would let a whole burst through.
    for (Allowance* requests : {&our_requests_, &their_requests_}) requests->draw(1, now);
    for (Allowance* all : {&our_tokens_, &their_tokens_}) all->draw(static_cast<double>(tokens), now);
    admission.start = Start{.ticket = concurrency_.start(),
                            .at = now,
                            .tokens = tokens,
                            .requests_drawn = their_requests_.drawn(),
                            .tokens_drawn = their_tokens_.drawn()};
    return admission;
}

void Pace::report(const Start& start, const Feedback& feedback, Millis now, double jitter) {
    failing_ = feedback.load == Load::failing ? failing_ + 1 : feedback.load == Load::answered ? 0 : failing_;
    // One failure is the request's own; several different ones in a row say that the server is going down.
    // Each costs an attempt of its row, so that from then on one goes at a time, later and later, until one
    // is answered: an outage of minutes must not use up the attempts of a whole job.
    const bool all_fail = feedback.load == Load::failing && failing_ >= kFailingInARow;
    const bool was_cut =
        concurrency_.end(start.ticket, all_fail ? Concurrency::End::failing : end_of(feedback.load));
    if (feedback.tokens_used)
        our_tokens_.correct(static_cast<double>(start.tokens), static_cast<double>(*feedback.tokens_used));
    their_requests_.observe(feedback.rates.requests, start.requests_drawn, start.at, now);
    their_tokens_.observe(feedback.rates.tokens, start.tokens_drawn, start.at, now);
    pause(was_cut, feedback, now, jitter);
    if (feedback.load == Load::answered) {
        has_answered_ = true;
        ++answers_;
        answered_at_ = now;
        if (pauses_ > 0) --pauses_;
        // It has room again, and where its answers are quick the rest of the pause would be many of them.
        if (is_pause_ours_) paused_until_ = std::min(paused_until_, now);
    }
}

void Pace::pause(bool was_cut, const Feedback& feedback, Millis now, double jitter) {
    std::optional<Millis> length = feedback.wait;
    if (length) {
        // A little later than asked, and not all who were asked at the same moment.
        *length += Millis(static_cast<Millis::rep>(
            jitter * static_cast<double>(std::min<Millis>(*length / 10, std::chrono::seconds(1)).count())));
    } else if (was_cut && (!has_answered_ || concurrency_.in_flight() == 0)) {
        const bool is_lately = answered_at_ && now - *answered_at_ < kLately;
        const Millis most =
            std::max(kPauseMin, is_lately ? std::min(limits_.pause_max, kPauseMaxLately) : limits_.pause_max);
        // Bounded before the shift: pauses in a row go on for days.
        const Millis full = std::min(most, kPauseMin * (1U << std::min(pauses_, 10U)));
        length = Millis(static_cast<Millis::rep>(static_cast<double>(full.count()) * (1 + jitter) / 2));
        ++pauses_;
    }
    if (was_cut) has_answered_ = false;
    if (!length || now + *length <= paused_until_) return;
    paused_until_ = now + *length;
    // What the server has named is kept to the end, whatever it answers meanwhile.
    is_pause_ours_ = !feedback.wait;
}

}  // namespace batchd::provider::direct
