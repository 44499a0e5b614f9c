#include "spool/inbox/writers.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

#include "spool/drop/drop_folder.hpp"

namespace batchd::spool {
namespace {

Result<Writers> look_at_one(int directory, const Candidate& candidate) {
    // Not waited for and not followed, as the claim itself does not.
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const UniqueFd file(::openat(directory, candidate.name.c_str(), kFlags));
    if (!file && errno == ENOENT) return error(Errc::not_found, candidate.name + " is gone");
    if (!file) return system_failure("open " + candidate.name);
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return system_failure("look at " + candidate.name);
    // The name may have been given to another file between the look and the open.
    if (!S_ISREG(status.st_mode) || file_id(status) != candidate.id)
        return error(Errc::changed, candidate.name + " is no longer the file that was looked at");
    return writers_of(file.get());
}

}  // namespace

std::vector<Result<Writers>> look_for_writers(const Path& inbox, std::span<const Candidate> candidates) {
    std::vector<Result<Writers>> found;
    found.reserve(candidates.size());
    const auto directory = open_drop_folder(inbox);
    for (const Candidate& candidate : candidates)
        found.push_back(directory ? look_at_one(directory->get(), candidate)
                                  : Result<Writers>(directory.error()));
    return found;
}

}  // namespace batchd::spool
