#include "sim/query_number.hpp"

#include <charconv>

namespace batchd::sim {

namespace {
using Number = Reply<std::uint64_t>;
}

Reply<std::uint64_t> query_number(const RequestHead& head, const std::string& name, NumberRange range) {
    const auto found = head.query.find(name);
    if (found == head.query.end()) return Number(boost::system::in_place_value, range.standard);
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        return ApiError{.status = 400,
                        .message = "Invalid type for '" + name + "': expected an integer, but got '" + text +
                                   "' instead.",
                        .param = name,
                        .code = "invalid_type"};
    if (number < range.min || number > range.max)
        return ApiError{.status = 400,
                        .message = "Invalid '" + name + "': expected a value between " +
                                   std::to_string(range.min) + " and " + std::to_string(range.max) +
                                   ", but got " + text + " instead.",
                        .param = name,
                        .code = number < range.min ? "integer_below_min_value" : "integer_above_max_value"};
    return Number(boost::system::in_place_value, number);
}

}  // namespace batchd::sim
