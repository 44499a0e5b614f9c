#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/disk/sha256.hpp"

namespace batchd::jsonl {

/// Finds a number by the digest of a string, in 16 bytes a slot: all the ids of a file stay in memory, its
/// texts do not. Of the digest it keeps 96 bits: two of a billion ids are taken for one with a chance of one
/// in a hundred billion.
class IdTable {
public:
    static constexpr std::uint64_t kValueMax = 0xFFFF'FFFE;

    /// Has room for `expected` entries before it grows.
    explicit IdTable(std::size_t expected = 0);

    /// Adds an entry; `value` is at most kValueMax. Where `id` is there already, nothing changes and the
    /// earlier value is returned.
    std::optional<std::uint64_t> insert(const Digest128& id, std::uint64_t value);
    std::optional<std::uint64_t> find(const Digest128& id) const;
    std::size_t size() const { return size_; }

private:
    struct Slot {
        std::uint64_t low = 0;
        std::uint32_t high = 0;
        std::uint32_t value_plus_one = 0;  // 0: free
    };
    /// A power of two, with a quarter of it free.
    static std::size_t slots_for(std::size_t entries);
    static Slot make_slot(const Digest128& id, std::uint64_t value);
    /// Where it is or, where it is not there, where it goes.
    std::size_t slot_of(const Slot& wanted) const;
    void grow();

    std::vector<Slot> slots_;  // a power of two of them
    std::size_t size_ = 0;
};

}  // namespace batchd::jsonl
