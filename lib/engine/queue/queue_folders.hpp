#pragma once

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

}  // namespace batchd::engine
