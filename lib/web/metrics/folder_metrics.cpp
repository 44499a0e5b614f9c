#include "web/metrics/folder_metrics.hpp"

#include <filesystem>
#include <optional>

#include <sys/statvfs.h>

#include "spool/inbox/inbox_name.hpp"

namespace batchd::web {
namespace {

std::optional<std::uint64_t> count_files(const Path& inbox) {
    std::error_code ec;
    std::uint64_t count = 0;
    // By their names alone: a look at each would take a call for each.
    for (std::filesystem::directory_iterator file(inbox, ec), end; !ec && file != end; file.increment(ec))
        if (spool::classify_name(file->path().filename().native()) == spool::NameVerdict::take) ++count;
    // Half of a folder's files would look as if they had been taken.
    return ec ? std::nullopt : std::optional(count);
}

}  // namespace

Folders read_folders(const config::Settings& settings) {
    Folders folders;
    for (const auto& [name, folder] :
         {std::pair("inbox", settings.spool.inbox), std::pair("outbox", settings.spool.outbox),
          std::pair("state", settings.state.directory)}) {
        struct statvfs status{};
        // A folder that can not be asked has no number: 0 would be an alarm about a full disk.
        if (::statvfs(folder.c_str(), &status) == 0)
            // What the service may use, which is less than what is free where root has a reserve.
            folders.free_bytes[name] = status.f_bavail * status.f_frsize;
    }
    if (const auto count = count_files(settings.spool.inbox)) folders.waiting["default"] = *count;
    for (const auto& [queue, rules] : settings.queues)
        if (const auto count = count_files(settings.spool.inbox / queue)) folders.waiting[queue] = *count;
    return folders;
}

}  // namespace batchd::web
