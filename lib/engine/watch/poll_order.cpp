#include "engine/watch/poll_order.hpp"

#include <algorithm>
#include <set>

namespace batchd::engine {

AfterFailure after_failure(provider::FailureKind kind) {
    using K = provider::FailureKind;
    // Each kind by its name: whoever adds one is made to decide, by the compiler.
    switch (kind) {
        case K::not_found:
            return AfterFailure::absent;
        case K::unreachable:
        case K::unauthorized:
        case K::rate_limited:
        case K::quota:
        case K::local:
            return AfterFailure::stop;
        case K::refused:
        case K::conflict:
        case K::token_limit:
        case K::unsupported:
        case K::unavailable:
        case K::doubt:
            break;
    }
    return AfterFailure::pass_over;
}

std::vector<std::int64_t> PollOrder::to_ask(const std::vector<std::int64_t>& rows, Millis now) const {
    std::vector<std::pair<std::uint64_t, std::int64_t>> due;  // with the turn of the last time
    for (const std::int64_t row : rows) {
        const auto passed = passed_.find(row);
        if (passed != passed_.end() && passed->second.until > now) continue;
        const auto asked = asked_at_.find(row);
        due.emplace_back(asked == asked_at_.end() ? 0 : asked->second, row);
    }
    // By the turn, and the oldest row first among those that were never asked for.
    std::sort(due.begin(), due.end());
    std::vector<std::int64_t> ordered;
    for (const auto& [turn, row] : due) ordered.push_back(row);
    return ordered;
}

bool PollOrder::is_before(std::int64_t row, std::int64_t other) const {
    const auto turn = [this](std::int64_t of) {
        const auto asked = asked_at_.find(of);
        return asked == asked_at_.end() ? 0 : asked->second;
    };
    return std::pair(turn(row), row) < std::pair(turn(other), other);
}

void PollOrder::asked(std::int64_t row) {
    asked_at_[row] = ++turn_;
}

bool PollOrder::failed(std::int64_t row, Millis now, const Backoff& backoff, double jitter,
                       const std::string& why) {
    Passed& passed = passed_[row];
    passed.until = now + backoff.delay(++passed.failures, jitter);
    const bool is_new = passed.why != why;
    passed.why = why;
    return is_new;
}

bool PollOrder::answered(std::int64_t row) {
    return passed_.erase(row) > 0;
}

std::vector<std::int64_t> PollOrder::keep_only(const std::vector<std::int64_t>& rows) {
    const std::set<std::int64_t> kept(rows.begin(), rows.end());
    std::erase_if(asked_at_, [&](const auto& entry) { return !kept.contains(entry.first); });
    std::vector<std::int64_t> over;
    for (const auto& [row, passed] : passed_)
        if (!kept.contains(row)) over.push_back(row);
    for (const std::int64_t row : over) passed_.erase(row);
    return over;
}

}  // namespace batchd::engine
