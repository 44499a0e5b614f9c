#include "engine/prepare/id_owners.hpp"

#include <algorithm>

namespace batchd::engine {

std::optional<std::uint64_t> IdOwners::take(const Digest128& id, std::uint64_t line_number) {
    if (const auto earlier = taken_.insert(id, line_number)) return earlier;
    if (lent_.size() == 0) return std::nullopt;
    if (const auto borrower = lent_.find(id)) bereft_.push_back(*borrower);
    return std::nullopt;
}

bool IdOwners::lend(const Digest128& id, std::uint64_t line_number) {
    return !taken_.find(id) && !lent_.insert(id, line_number);
}

std::vector<std::uint64_t> IdOwners::bereft() const {
    // They come in the order of the lines that took the ids.
    std::vector<std::uint64_t> sorted = bereft_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

}  // namespace batchd::engine
