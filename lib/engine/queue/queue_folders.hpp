#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace batchd::engine {

/// The queue of what lies in the inbox itself.
inline constexpr std::string_view kDefaultQueue = "default";

/// True for "default" and for the queues of the configuration.
bool has_queue(const config::Settings& settings, const std::string& queue);

/// Where a queue's files come from and go to.
struct QueueFolders {
    Path inbox;
    Path outbox;
    Path rejected;
};

/// The folders of [spool] for the default queue, and those of the queue's name in them for any other.
QueueFolders folders_of(const config::Spool& spool, const std::string& queue);

}  // namespace batchd::engine
