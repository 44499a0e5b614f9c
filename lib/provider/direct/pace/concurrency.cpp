#include "provider/direct/pace/concurrency.hpp"

#include <algorithm>

namespace batchd::provider::direct {
namespace {

constexpr unsigned kFirstLimit = 4;
/// How many round trips are spent just below the wall before it is tried again: each try costs a refusal.
constexpr unsigned kPatience = 8;

}  // namespace

Concurrency::Concurrency(unsigned ceiling)
    : ceiling_(std::max(ceiling, 1U)), limit_(std::min(ceiling_, kFirstLimit)) {}

void Concurrency::set_ceiling(unsigned ceiling) {
    ceiling_ = std::max(ceiling, 1U);
    limit_ = std::min(limit_, ceiling_);
}

Concurrency::Ticket Concurrency::start() {
    ++in_flight_;
    return cuts_;
}

bool Concurrency::end(Ticket ticket, End how) {
    const bool was_in_use = 2 * in_flight_ >= limit_;  // a limit that nobody reaches proves nothing
    if (in_flight_ > 0) --in_flight_;
    // It began before the last cut, under a limit that is no longer the limit.
    if (ticket != cuts_) return false;
    switch (how) {
        case End::answered:
            if (was_in_use) grow();
            return false;
        case End::refused:
            // What is still under way is what it holds.
            cut(std::min(limit_ - 1, in_flight_ - in_flight_ / 8), in_flight_ + 1);
            return true;
        case End::overloaded:
            // Time-outs come late, so that they come in numbers: half of it at once.
            cut(limit_ / 2, limit_);
            return true;
        case End::failing:
            cut(1, limit_);
            return true;
        case End::other:
            return false;
    }
    return false;
}

void Concurrency::cut(unsigned limit, unsigned wall) {
    limit_ = std::clamp(limit, 1U, ceiling_);
    // Never within the limit, or it would count as gone at once.
    wall_ = std::max(wall, limit_ + 1);
    answers_ = 0;
    ++cuts_;
}

void Concurrency::begin_with_one() {
    cut(1, ceiling_);
    wall_ = 0;
}

/// Large while the wall is far away, so that a short trouble is made up for within a dozen round trips.
unsigned Concurrency::step() const {
    if (wall_ <= limit_ + 1) return 1;
    return std::max(1U, (wall_ - 1 - limit_) / 4);
}

void Concurrency::grow() {
    if (limit_ >= ceiling_) return;
    if (wall_ == 0) {  // one more for each answer: twice as many after a round trip
        ++limit_;
        return;
    }
    const unsigned rounds = limit_ + 1 == wall_ ? kPatience : 1;
    if (++answers_ < limit_ * rounds) return;
    answers_ = 0;
    if (limit_ >= wall_) wall_ = 0;  // a round trip where it used to be refused: the wall is gone
    limit_ = std::min(ceiling_, limit_ + step());
}

}  // namespace batchd::provider::direct
