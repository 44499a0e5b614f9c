#include "jsonl/request/id_table.hpp"

#include <bit>

namespace batchd::jsonl {

IdTable::IdTable(std::size_t expected) : slots_(slots_for(expected)) {}

/// Three of four slots are in use at most.
std::size_t IdTable::slots_for(std::size_t entries) {
    return std::bit_ceil(entries + entries / 3 + 16);
}

IdTable::Slot IdTable::make_slot(const Digest128& id, std::uint64_t value) {
    // 96 bits of the digest and a row in 16 bytes: among ten million ids the chance that two are taken for
    // one is below 10^-14. Plus one, so that an empty slot is all zeros.
    return {id[0], static_cast<std::uint32_t>(id[1]), static_cast<std::uint32_t>(value + 1)};
}

/// The slot that holds the id of `wanted`, or the free one where it belongs. Digests are evenly spread, so
/// their bits are the hash.
std::size_t IdTable::slot_of(const Slot& wanted) const {
    const std::size_t mask = slots_.size() - 1;
    const auto is_it = [&](const Slot& slot) { return slot.low == wanted.low && slot.high == wanted.high; };
    std::size_t slot = wanted.low & mask;
    while (slots_[slot].value_plus_one != 0 && !is_it(slots_[slot])) slot = (slot + 1) & mask;
    return slot;
}

std::optional<std::uint64_t> IdTable::insert(const Digest128& id, std::uint64_t value) {
    const Slot fresh = make_slot(id, value);
    Slot& slot = slots_[slot_of(fresh)];
    if (slot.value_plus_one != 0) return slot.value_plus_one - 1;
    slot = fresh;
    ++size_;
    // Behind the insertion: there is always a free slot, at which every search ends.
    if (size_ > slots_.size() / 4 * 3) grow();
    return std::nullopt;
}

std::optional<std::uint64_t> IdTable::find(const Digest128& id) const {
    const Slot& slot = slots_[slot_of(make_slot(id, 0))];
    if (slot.value_plus_one == 0) return std::nullopt;
    return slot.value_plus_one - 1;
}

void IdTable::grow() {
    // Twice as many each time, so that all of it together costs as much as one more insertion for each.
    std::vector<Slot> larger(slots_.size() * 2);
    slots_.swap(larger);
    // All go in anew, for their places depend on how many there are.
    for (const Slot& slot : larger)
        if (slot.value_plus_one != 0) slots_[slot_of(slot)] = slot;
}

}  // namespace batchd::jsonl
