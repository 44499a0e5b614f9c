#include "engine/room/token_room.hpp"

#include <algorithm>

namespace batchd::engine {

Room room_for(const RoomAsked& asked) {
    if (!asked.limit) return Room::wait;
    const bool is_above = asked.estimated_tokens > *asked.limit;
    // By our own count it can never run: no waiting helps.
    if (is_above && asked.requests > 1) return Room::cut;
    if (asked.refusals_alone < kRefusalsAloneMax) return Room::wait;
    if (is_above) return Room::none;
    // The provider counts otherwise than we estimate, and goes on refusing it with nothing beside it.
    const bool may_be_above = asked.size_bytes > *asked.limit;
    return may_be_above && asked.requests > 1 ? Room::cut : Room::wait;
}

std::uint64_t tokens_of_part(std::uint64_t estimated_tokens, std::uint64_t limit) {
    return std::max<std::uint64_t>(1, estimated_tokens > limit ? limit : estimated_tokens / 2);
}

std::vector<std::uint64_t> cut_rows(std::span<const jsonl::RowRef> rows, std::uint64_t size_max) {
    std::vector<std::uint64_t> parts;
    std::uint64_t size = 0;
    for (const jsonl::RowRef& row : rows) {
        const std::uint64_t with_lf = row.size + 1;
        if (parts.empty() || size + with_lf > size_max) {
            parts.push_back(0);
            size = 0;
        }
        parts.back() += 1;
        size += with_lf;
    }
    return parts;
}

}  // namespace batchd::engine
