#include "engine/queue/waiting_tally.hpp"

#include <algorithm>

namespace batchd::engine {

bool WaitingTally::add(const std::string& queue, std::uint64_t requests, TimePoint taken_at) {
    if (!knows(queue)) return true;  // it is counted with the others then
    auto [found, is_first] = queues_.try_emplace(queue);
    Entry& entry = found->second;
    const bool is_oldest = is_first || taken_at < entry.waiting.oldest;
    if (is_oldest) entry.waiting.oldest = taken_at;
    ++entry.waiting.files;
    entry.waiting.requests += requests;
    return is_oldest || !entry.look || (entry.look->enough && entry.waiting.requests >= *entry.look->enough);
}

void WaitingTally::forget(const std::string& queue) {
    queues_.erase(queue);
    // Only this one: to count all of them again would cost what the tally is there to save.
    forgotten_.insert(queue);
}

bool WaitingTally::knows(const std::string& queue) const {
    return knows_all_ && !forgotten_.contains(queue);
}

void WaitingTally::learn_all(const std::map<std::string, WaitingFiles>& counted) {
    knows_all_ = true;
    queues_.clear();
    forgotten_.clear();
    for (const auto& [queue, waiting] : counted) learn(queue, waiting);
}

void WaitingTally::learn(const std::string& queue, const WaitingFiles& counted) {
    forgotten_.erase(queue);
    queues_.erase(queue);
    if (counted.files > 0) queues_[queue].waiting = counted;
}

std::vector<std::string> WaitingTally::queues() const {
    std::vector<std::string> names(forgotten_.begin(), forgotten_.end());
    for (const auto& [queue, entry] : queues_) names.push_back(queue);
    std::sort(names.begin(), names.end());
    return names;
}

void WaitingTally::set_right(const std::string& queue, TimePoint now) {
    if (const auto found = queues_.find(queue); found != queues_.end())
        found->second.waiting.oldest = std::min(found->second.waiting.oldest, now);
}

WaitingFiles WaitingTally::in(const std::string& queue) const {
    const auto found = queues_.find(queue);
    return found == queues_.end() ? WaitingFiles{} : found->second.waiting;
}

void WaitingTally::looked_at(const std::string& queue, const Look& look) {
    if (const auto found = queues_.find(queue); found != queues_.end()) found->second.look = look;
}

bool WaitingTally::is_on_record(const std::string& queue, std::optional<TimePoint> moment) const {
    const auto found = queues_.find(queue);
    return found != queues_.end() && found->second.look && found->second.look->moment == moment;
}

std::optional<TimePoint> WaitingTally::moment_of(const std::string& queue) const {
    const auto found = queues_.find(queue);
    return found == queues_.end() || !found->second.look ? std::nullopt : found->second.look->moment;
}

}  // namespace batchd::engine
