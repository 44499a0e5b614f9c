#include "engine/queue/queue_folders.hpp"

namespace batchd::engine {

QueueFolders folders_of(const config::Spool& spool, const std::string& queue) {
    if (queue == config::kDefaultQueue) return {spool.inbox, spool.outbox, spool.rejected};
    return {spool.inbox / queue, spool.outbox / queue, spool.rejected / queue};
}

std::set<std::string> reserved_names(const config::Settings& settings, const std::string& queue) {
    std::set<std::string> names;
    if (queue == config::kDefaultQueue)
        for (const auto& [name, rules] : settings.queues) names.insert(name);
    return names;
}

}  // namespace batchd::engine
