#include "engine/queue/queue_folders.hpp"

namespace batchd::engine {

bool has_queue(const config::Settings& settings, const std::string& queue) {
    return queue == kDefaultQueue || settings.queues.contains(queue);
}

QueueFolders folders_of(const config::Spool& spool, const std::string& queue) {
    if (queue == kDefaultQueue) return {spool.inbox, spool.outbox, spool.rejected};
    return {spool.inbox / queue, spool.outbox / queue, spool.rejected / queue};
}

}  // namespace batchd::engine
