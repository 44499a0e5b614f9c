#pragma once

#include <optional>
#include <string>

#include "config/settings.hpp"

namespace batchd::report {

/// What a path says of where a job is, whatever became of it since: it may wait, run or have ended.
struct JobPath {
    enum class Queue {
        meant,  ///< a job of another queue is not the one
        likely  ///< it may be the path of a file that somebody has dropped from anywhere
    };
    std::string queue;  ///< "default": the one of the folders themselves
    std::string name;   ///< its last part: NAME, NAME.jsonl, or what its folder is called
    Queue certainty = Queue::meant;
    bool is_short = false;  ///< QUEUE/NAME, which names a job as well as its folder
};

/// Reads QUEUE/NAME, and what people paste of inbox, outbox and rejected: with the path of that folder or
/// from its name on, such as /var/spool/batchd/outbox/nightly/articles/ or inbox/nightly/articles.jsonl.
/// Nothing where it says of no queue. Pure: whether there is such a queue or job is for the caller to see.
std::optional<JobPath> parse_job_path(const std::string& path, const config::Settings& settings);

}  // namespace batchd::report
