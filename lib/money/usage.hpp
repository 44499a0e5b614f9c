#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::money {

/// The tokens of one answer, or of many that are charged by the same rates.
struct Usage {
    std::uint64_t input = 0;        ///< all of them
    std::uint64_t cached = 0;       ///< of the input, what was read from a cache
    std::uint64_t cache_write = 0;  ///< of the input, what was put into one
    std::uint64_t output = 0;       ///< all of them
    std::uint64_t reasoning = 0;    ///< of the output
    /// Of both: what is charged otherwise than text, by rates that are not read (sound, pictures that were
    /// made).
    std::uint64_t otherwise = 0;

    Usage& operator+=(const Usage& more);
    friend bool operator==(const Usage&, const Usage&) = default;
};

/// What differs between the sum over a batch's answers and what the batch itself says: "the answers have 10
/// input tokens, the batch says 12". Nothing where they agree, and where the batch has no tokens at all: then
/// it says nothing. Parts (cached, reasoning) are held against each other only where the batch has any; not
/// all services split them.
std::optional<std::string> usage_difference(const Usage& of_answers, const Usage& of_batch);

/// For a column: a JSON object of the five counts by name.
std::string to_json(const Usage& usage);
/// Reads what to_json() wrote; nothing for any other text.
std::optional<Usage> parse_usage(std::string_view json);

}  // namespace batchd::money
