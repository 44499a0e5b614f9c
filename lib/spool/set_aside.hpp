#pragma once

#include <string_view>

#include "base/disk/file.hpp"

/// The original of a file that is copied, because the inbox is on another file system: it waits there under
/// set_aside_name() until its job has ended.
namespace batchd::spool {

/// Where it is.
enum class Aside {
    none,     ///< nothing was set aside: the file was moved, or is in the inbox still
    there,    ///< under its name in the inbox
    removed,  ///< the inbox is the folder in which it was set aside, and it is not there
    away      ///< the inbox is not there, or is another folder than that: one that is not mounted
};

/// Notes in the job's work directory in which folder its file is about to be set aside, durably: an inbox
/// that is not there later is not taken for one from which the file is gone. `inbox`: open.
Result<void> note_set_aside(const Path& work_directory, int inbox);

/// Of a job that an earlier version has claimed nothing is noted: `there` or `none`. Errors: errno.
Result<Aside> look_for_set_aside(const Path& work_directory, const Path& inbox, std::string_view job_name,
                                 std::string_view job_key);

}  // namespace batchd::spool
