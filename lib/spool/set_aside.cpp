#include "spool/set_aside.hpp"

#include <string>

#include <sys/stat.h>

#include "spool/claim.hpp"
#include "spool/drop/drop_folder.hpp"
#include "spool/layout.hpp"

namespace batchd::spool {
namespace {

Path note_in(const Path& work_directory) {
    return work_directory / kAsideNote;
}

/// What tells a folder from another one, for as long as its file system stays mounted.
Result<std::string> mark_of(int folder) {
    struct stat status{};
    if (::fstat(folder, &status) != 0) return system_failure("look at the inbox");
    return std::to_string(status.st_dev) + "/" + std::to_string(status.st_ino);
}

}  // namespace

Result<void> note_set_aside(const Path& work_directory, int inbox) {
    const auto mark = mark_of(inbox);
    if (!mark) return mark.error();
    const Path note = note_in(work_directory);
    // One of an earlier try may be of another folder.
    if (auto removed = remove_file(note); !removed) return removed;
    if (auto made = note_in_link(note, *mark); !made) return made;
    return sync_directory(work_directory);
}

Result<Aside> look_for_set_aside(const Path& work_directory, const Path& inbox, std::string_view job_name,
                                 std::string_view job_key) {
    const auto there = file_exists(set_aside_path(inbox, job_name, job_key));
    if (!there) return there.error();
    if (*there) return Aside::there;
    std::error_code ec;
    const Path noted = std::filesystem::read_symlink(note_in(work_directory), ec);
    if (ec == std::errc::no_such_file_or_directory || ec == std::errc::not_a_directory) return Aside::none;
    if (ec) return Error{ec, "read " + note_in(work_directory).string()};
    const auto folder = open_drop_folder(inbox);
    if (!folder) return Aside::away;
    const auto mark = mark_of(folder->get());
    if (!mark) return mark.error();
    return noted == *mark ? Aside::removed : Aside::away;
}

}  // namespace batchd::spool
