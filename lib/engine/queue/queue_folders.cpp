#include "engine/queue/queue_folders.hpp"

namespace batchd::engine {

QueueFolders folders_of(const config::Spool& spool, const std::string& queue) {
    if (queue == config::kDefaultQueue) return {spool.inbox, spool.outbox, spool.rejected};
    return {spool.inbox / queue, spool.outbox / queue, spool.rejected / queue};
}

}  // namespace batchd::engine
