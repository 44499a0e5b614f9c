#include "web/download/job_files.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <sys/stat.h>

namespace batchd::web {
namespace {

// In the order in which people look for them: the answers first.
constexpr std::array kNames{"output.jsonl", "errors.jsonl", "unreadable.jsonl",
                            "input.jsonl",  "job.json",     "reason.txt"};

}  // namespace

Result<UniqueFd> open_job_file(const store::Job& job, const std::string& name) {
    const Error missing = error(Errc::not_found, "this job has no such file");
    // Only these names: no part of a path that somebody asks for gets to the disk.
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end() || job.delivered_to.empty())
        return missing;
    // Others may write to the outbox: what they put there as a link or a pipe is not ours to send.
    auto fd = open_file(Path(job.delivered_to) / name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    struct stat status{};
    if (!fd || ::fstat(fd->get(), &status) != 0 || !S_ISREG(status.st_mode)) return missing;
    return fd;
}

std::vector<JobFile> files_of(const store::Job& job) {
    std::vector<JobFile> files;
    for (const char* const name : kNames) {
        struct stat status{};
        // Opened and not only looked at: what is listed is what a download would get, by the same rules.
        const auto fd = open_job_file(job, name);
        if (fd && ::fstat(fd->get(), &status) == 0)
            files.push_back({name, static_cast<std::uint64_t>(status.st_size)});
    }
    return files;
}

}  // namespace batchd::web
