#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace batchd::money {

/// The tokens of one answer, or of many that are charged by the same rates.
struct Usage {
    std::uint64_t input = 0;        ///< all of them
    std::uint64_t cached = 0;       ///< of the input, what was read from a cache
    std::uint64_t cache_write = 0;  ///< of the input, what was put into one
    std::uint64_t output = 0;       ///< all of them
    std::uint64_t reasoning = 0;    ///< of the output
};

/// What differs between the sum over a batch's answers and what the batch itself says: "the answers have 10
/// input tokens, the batch says 12". Nothing where they agree, and where the batch has no tokens at all: then
/// it says nothing. Parts (cached, reasoning) are held against each other only where the batch has any; not
/// all services split them.
std::optional<std::string> usage_difference(const Usage& of_answers, const Usage& of_batch);

}  // namespace batchd::money
