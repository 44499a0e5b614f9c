#pragma once

#include <string>
#include <vector>

#include "store/told/conditions.hpp"

/// What people are told of the table `conditions`. Pure.
namespace batchd::report {

/// Those that need a person first, then what is waited for, and last what is left alone in the inbox; and of
/// those that tell of the same cause the first: a refused key is heard of by the gate and by each call.
std::vector<store::Condition> in_order_of_need(std::vector<store::Condition> conditions);

/// What is waited for, in a line of at most `length_max` bytes: "no API key: …; outbox: no space left
/// on device". "" where it is nothing.
std::string cause_line(const std::vector<store::Condition>& conditions, std::size_t length_max);

/// What is left alone in the inbox, likewise: "3 files left alone in the inbox: …".
std::string left_alone_line(const std::vector<store::Condition>& conditions, std::size_t length_max);

}  // namespace batchd::report
