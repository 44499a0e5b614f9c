#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "spool/file_stamp.hpp"
#include "spool/layout.hpp"
#include "spool/set_aside.hpp"
#include "store/tables/jobs.hpp"

/// What was written to a job's file after it was read: no line is left out in silence. Blocking; for the
/// pool.
namespace batchd::engine {

struct LateInput {
    enum class Change {
        none,
        grown,   ///< what was read is there still, and more behind it
        altered  ///< what was read is not there any more
    };
    Change change = Change::none;
    Path file;                     ///< that was looked at; "" where the folder has it already
    std::uint64_t size_bytes = 0;  ///< of it, now
    std::int64_t mtime_ns = 0;     ///< likewise
    bool is_open = false;          ///< somebody has it open for writing
    /// Where the original was set aside; when it is not there, nobody knows what came later.
    spool::Aside original = spool::Aside::none;
};

/// Where the original is on another file system and was written to since it was copied: copies it again,
/// before anything is made of the copy. Errors: errno.
Result<void> take_newest(const spool::Layout& layout, const Path& inbox, const store::Job& job);

/// False when somebody has written to the job's file, or to its original, since it had this stamp. Errors:
/// errno.
Result<bool> is_still(const spool::Layout& layout, const Path& inbox, const store::Job& job,
                      const spool::FileStamp& stamp);

/// True while somebody has the original open for writing that was set aside. Errors: errno.
Result<bool> original_is_open(const Path& inbox, const store::Job& job);

/// Holds the job's file against what is on record of it: by its stamp, and where that has moved, or the file
/// is small, by its digest. Where the inbox is on another file system, it is the original that is looked at.
/// Errors: errno.
Result<LateInput> look_for_late_input(const spool::Layout& layout, const Path& inbox, const store::Job& job);

/// The key of the job that has what was appended to the file of another one: there is one, however often it
/// is made.
std::string rest_key(std::string_view job_key);

/// Puts what was appended into the work directory of rest_key(), durably; where it is blank, it puts nothing
/// there. Can be done again. Errors: errno.
Result<void> keep_rest(const spool::Layout& layout, const store::Job& job, const LateInput& late);

/// The job that was kept so, to be added to the database; nothing where none was. Errors: errno.
Result<std::optional<store::Job>> find_rest(const spool::Layout& layout, const store::Job& job,
                                            TimePoint now);

/// Removes the original from another file system, unless it was altered: then people may want to see it.
/// Errors: errno; changed when somebody has written to it since it was looked at.
Result<void> let_go_of_original(const Path& inbox, const store::Job& job, const LateInput& late);

/// The same of a rejected job, whose copy is in rejected/: an original that is not the same any more, or that
/// somebody has open for writing, stays for people to see. Errors: errno.
Result<void> let_go_of_rejected(const Path& inbox, const store::Job& job, const Path& copy);

}  // namespace batchd::engine
