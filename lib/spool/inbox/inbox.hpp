#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/disk/file.hpp"
#include "spool/file_stamp.hpp"
#include "spool/inbox/left_alone.hpp"

namespace batchd::spool {

/// A regular file with a name that we take, as it stood when it was looked at.
struct Candidate {
    std::string name;  ///< file name, with ".jsonl"
    FileId id;
    FileStamp stamp;
};

/// What one step of a scan came across.
struct InboxPage {
    std::vector<Candidate> candidates;   ///< the oldest first, by mtime
    LeftAlone left;                      ///< what is not for us; counted, not looked at
    std::vector<std::string> set_aside;  ///< originals of files that were copied (set_aside_name())
    std::vector<std::string> hidden;     ///< files on their way in, or left of those (is_hidden_name())
    bool more = false;                   ///< the directory has more names
    bool is_empty = true;                ///< it came across no name, but for those of `known`
};

/// Reads the names of the inbox, some at a time: however many there are, a step is short. Opens no file.
class InboxScan {
public:
    /// Errors: errno; no_such_file_or_directory when there is no inbox, which may come back.
    /// `known`: folders in it that are for others, and not left alone.
    static Result<InboxScan> open(const Path& inbox, std::set<std::string> known = {});

    InboxScan(InboxScan&&) noexcept;
    InboxScan& operator=(InboxScan&&) noexcept;
    ~InboxScan();

    /// Looks at the next `names_max` names at most. What vanishes meanwhile is left out. Errors: errno.
    Result<InboxPage> next(std::size_t names_max = 1000);

private:
    struct Directory;
    explicit InboxScan(std::unique_ptr<Directory> directory);
    std::unique_ptr<Directory> directory_;
};

/// Looks at one name only, as a scan would; nothing where it is gone or nothing that we take. Errors: errno.
Result<std::optional<Candidate>> look_at(const Path& inbox, const std::string& name);

/// True where a scan of the folder would come across no name. Errors: as InboxScan::open() and next().
Result<bool> is_empty_inbox(const Path& inbox);

/// Makes the folder, and the ones above, where it is missing, so that its owner and its group may drop files
/// and what is made in it belongs to the group (mode 2775). One that is there stays as it is. Errors: errno.
Result<void> make_inbox(const Path& inbox);

}  // namespace batchd::spool
