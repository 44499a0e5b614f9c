#pragma once

#include <cstdint>
#include <list>

namespace batchd::provider::direct {

/// Those who wait, by whose work it is: whoever is owner of many gets no more turns than one who is owner of
/// few. Pure. An owner that comes back after its turn stands behind the others.
template <class Item>
class Turns {
public:
    void add(std::uint64_t owner, Item item) {
        for (Queue& queue : queues_)
            if (queue.owner == owner) return queue.items.push_back(item);
        queues_.push_back({owner, {item}});
    }

    bool empty() const { return queues_.empty(); }
    /// Whose turn it is. Not when empty().
    Item front() const { return queues_.front().items.front(); }

    /// It has had its turn: the owner's next one waits for all the others'.
    void pop() {
        queues_.front().items.pop_front();
        if (queues_.front().items.empty()) {
            queues_.pop_front();
        } else {
            queues_.splice(queues_.end(), queues_, queues_.begin());
        }
    }

    /// It does not wait any more; nothing else changes its place.
    void remove(std::uint64_t owner, const Item& item) {
        for (auto queue = queues_.begin(); queue != queues_.end(); ++queue) {
            if (queue->owner != owner) continue;
            queue->items.remove(item);
            if (queue->items.empty()) queues_.erase(queue);
            return;
        }
    }

private:
    struct Queue {
        std::uint64_t owner;
        std::list<Item> items;
    };
    std::list<Queue> queues_;
};

}  // namespace batchd::provider::direct
