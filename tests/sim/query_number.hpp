#pragma once

#include <cstdint>
#include <string>

#include "sim/api_error.hpp"
#include "sim/http_message.hpp"

namespace batchd::sim {

/// The bounds of a number in a query, and what it is when it is not given.
struct NumberRange {
    std::uint64_t min = 0, max = 0, standard = 0;
};

/// Error: 400, naming the parameter.
Reply<std::uint64_t> query_number(const RequestHead& head, const std::string& name, NumberRange range);

}  // namespace batchd::sim
