#pragma once

#include <algorithm>
#include <cstdint>
#include <list>

namespace batchd::provider::direct {

/// Whose work it is.
struct Owner {
    std::uint64_t id = 0;
    int priority = 0;  ///< what has a higher one goes first
    bool operator==(const Owner&) const = default;
};

/// Those who wait: of the owners with the highest priority each in turn, so that whoever is owner of many
/// gets no more turns than one who is owner of few. Pure. An owner that comes back after its turn stands
/// behind the others of its priority.
template <class Item>
class Turns {
public:
    void add(const Owner& owner, Item item) {
        for (Queue& queue : queues_)
            if (queue.owner == owner) return queue.items.push_back(item);
        queues_.insert(behind(owner.priority), {owner, {item}});
    }

    bool empty() const { return queues_.empty(); }
    /// Whose turn it is. Not when empty().
    Item front() const { return queues_.front().items.front(); }

    /// It has had its turn: the owner's next one waits for all the others' of its priority.
    void pop() {
        queues_.front().items.pop_front();
        if (queues_.front().items.empty()) {
            queues_.pop_front();
        } else {
            queues_.splice(behind(queues_.front().owner.priority), queues_, queues_.begin());
        }
    }

    /// It does not wait any more; nothing else changes its place.
    void remove(const Owner& owner, const Item& item) {
        for (auto queue = queues_.begin(); queue != queues_.end(); ++queue) {
            if (queue->owner != owner) continue;
            queue->items.remove(item);
            if (queue->items.empty()) queues_.erase(queue);
            return;
        }
    }

private:
    struct Queue {
        Owner owner;
        std::list<Item> items;
    };
    auto behind(int priority) {
        return std::find_if(queues_.begin(), queues_.end(),
                            [&](const Queue& queue) { return queue.owner.priority < priority; });
    }

    std::list<Queue> queues_;  // the highest priority first
};

}  // namespace batchd::provider::direct
