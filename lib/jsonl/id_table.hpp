#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/sha256.hpp"

namespace batchd::jsonl {

/// Finds a number by the digest of a string, in 24 bytes a slot: all the ids of a file stay in memory, its
/// texts do not.
class IdTable {
public:
    /// Has room for `expected` entries before it grows.
    explicit IdTable(std::size_t expected = 0);

    /// Adds an entry. Where `id` is there already, nothing changes and the earlier value is returned.
    std::optional<std::uint64_t> insert(const Digest128& id, std::uint64_t value);
    std::optional<std::uint64_t> find(const Digest128& id) const;
    std::size_t size() const { return size_; }

private:
    struct Slot {
        Digest128 id{};
        std::uint64_t value_plus_one = 0;  // 0: free
    };
    static std::size_t slots_for(std::size_t entries);
    std::size_t slot_of(const Digest128& id) const;
    void grow();

    std::vector<Slot> slots_;  // a power of two of them
    std::size_t size_ = 0;
};

}  // namespace batchd::jsonl
