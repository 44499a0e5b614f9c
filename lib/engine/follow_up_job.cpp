#include "engine/follow_up_job.hpp"

#include <sys/stat.h>

#include <utility>

namespace batchd::engine {

Result<store::Job> follow_up_job(const spool::Layout& layout, std::string key, const store::Job& job,
                                 TimePoint now) {
    const Path input = layout.input(key);
    struct stat status{};
    if (::lstat(input.c_str(), &status) != 0) return system_failure("look at " + input.string());
    store::Job made;
    made.key = std::move(key);
    made.name = job.name;
    made.created_at = now;
    made.size_bytes = static_cast<std::uint64_t>(status.st_size);
    made.device = status.st_dev;
    made.inode = status.st_ino;
    made.queue = job.queue;
    made.provider = job.provider;
    made.terms = job.terms;
    return made;
}

}  // namespace batchd::engine
