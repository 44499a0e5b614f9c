#pragma once

#include <set>
#include <string>

#include "config/settings.hpp"

namespace batchd::engine {

/// Where a queue's files come from and go to.
struct QueueFolders {
    Path inbox;
    Path outbox;
    Path rejected;
};

/// The folders of [spool] for the default queue, and those of the queue's name in them for any other.
QueueFolders folders_of(const config::Spool& spool, const std::string& queue);

/// Names that no job of this queue may have for its folder: the folders of the queues lie among those of the
/// default queue's jobs, and one may be missing when such a job ends.
std::set<std::string> reserved_names(const config::Settings& settings, const std::string& queue);

}  // namespace batchd::engine
