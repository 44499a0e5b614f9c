#include "sim/generations.hpp"

#include <algorithm>

#include <boost/json/object.hpp>
#include <boost/json/value_from.hpp>

namespace batchd::sim {

Generations::Allowance Generations::draw(std::uint64_t a_minute, Millis uptime) {
    const auto most = static_cast<double>(a_minute);
    const double a_milli = most / 60'000;
    const auto passed = static_cast<double>((uptime - drawn_at_).count());
    left_ = left_ < 0 ? most : std::min(most, left_ + passed * a_milli);
    drawn_at_ = uptime;
    Allowance allowance;
    allowance.is_taken = left_ >= 1;
    if (allowance.is_taken) left_ -= 1;
    allowance.left = left_;
    if (left_ < 1) allowance.next = Millis(static_cast<Millis::rep>((1 - left_) / a_milli) + 1);
    return allowance;
}

boost::json::object Generations::report() const {
    std::uint64_t total = 0, again = 0;
    for (const auto& [question, count] : paid) {
        total += count;
        again += count - 1;
    }
    return {{"paid", total},      {"paid_again", again},      {"at_once_max", at_once_max},
            {"refused", refused}, {"questions", paid.size()}, {"by_question", boost::json::value_from(paid)}};
}

}  // namespace batchd::sim
