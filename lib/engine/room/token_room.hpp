#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "jsonl/rows/row_file.hpp"

/// What is to be done with a batch for which the provider has no room in its enqueued tokens. Pure.
namespace batchd::engine {

/// Refusals in a row, with nothing else of ours enqueued, after which more waiting is given up.
inline constexpr unsigned kRefusalsAloneMax = 3;

/// What is known of the batch, and of how the provider has taken it so far.
struct RoomAsked {
    std::uint64_t requests = 0;
    std::uint64_t estimated_tokens = 0;
    std::uint64_t size_bytes = 0;  ///< a token has at least a byte: more tokens than that there are hardly
    std::optional<std::uint64_t> limit;
    unsigned refusals_alone = 0;
};

enum class Room {
    wait,  ///< others must end first
    cut,   ///< it is too large by itself: in smaller parts
    none   ///< it is one request, and too large by itself
};
Room room_for(const RoomAsked& asked);

/// Estimated tokens of a part of a batch that is cut: what fits the limit or, where the estimate fits and the
/// provider counts more, half.
std::uint64_t tokens_of_part(std::uint64_t estimated_tokens, std::uint64_t limit);

/// How many rows go into each part, none of more than `size_max` bytes unless it is a single row. Bytes are
/// those of the upload, with the LF of each row. At least one row a part.
std::vector<std::uint64_t> cut_rows(std::span<const jsonl::RowRef> rows, std::uint64_t size_max);

}  // namespace batchd::engine
