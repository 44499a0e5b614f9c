#include "jsonl/id_table.hpp"

#include <bit>

namespace batchd::jsonl {

IdTable::IdTable(std::size_t expected) : slots_(slots_for(expected)) {}

/// Three of four slots are in use at most.
std::size_t IdTable::slots_for(std::size_t entries) {
    return std::bit_ceil(entries + entries / 3 + 16);
}

/// The slot that holds `id`, or the free one where it belongs. Digests are evenly spread, so their bits are
/// the hash.
std::size_t IdTable::slot_of(const Digest128& id) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = id[0] & mask;
    while (slots_[slot].value_plus_one != 0 && slots_[slot].id != id) slot = (slot + 1) & mask;
    return slot;
}

std::optional<std::uint64_t> IdTable::insert(const Digest128& id, std::uint64_t value) {
    Slot& slot = slots_[slot_of(id)];
    if (slot.value_plus_one != 0) return slot.value_plus_one - 1;
    slot = {id, value + 1};
    ++size_;
    if (size_ > slots_.size() / 4 * 3) grow();
    return std::nullopt;
}

std::optional<std::uint64_t> IdTable::find(const Digest128& id) const {
    const Slot& slot = slots_[slot_of(id)];
    if (slot.value_plus_one == 0) return std::nullopt;
    return slot.value_plus_one - 1;
}

void IdTable::grow() {
    std::vector<Slot> larger(slots_.size() * 2);
    slots_.swap(larger);
    for (const Slot& slot : larger)
        if (slot.value_plus_one != 0) slots_[slot_of(slot.id)] = slot;
}

}  // namespace batchd::jsonl
