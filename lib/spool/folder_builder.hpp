#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"

namespace batchd::spool {

/// Builds a folder under a hidden name in `outbox` or `rejected`, and shows it whole by one rename. Nothing
/// is removed when it is destroyed before publish(): the next builder with the same key goes on with it.
///
/// Others may write to the parent, and to what it stands in. A link in its place is followed only where we or
/// root have made it (open_drop_folder()), and all is done in the folder that was opened then. What stands
/// there under the hidden name is gone on with only where it is a folder of ours; a link is removed, and
/// never followed; and what is published is the folder that was built.
class FolderBuilder {
public:
    /// Makes the hidden folder for job `key`, and the parent where it is missing. What a crashed run left in
    /// it is removed, but for input.jsonl, which may be the only copy. Errors: errno; ELOOP where the
    /// parent is somebody else's link; bad_input where something else has the name, which is left as it is.
    static Result<FolderBuilder> create(const Path& parent, std::string name, std::string_view key);

    /// Where to write the files of the folder: through its descriptor, whatever becomes of its name. They
    /// need not be synced: all of them are together, once, before the input moves in, or else before the
    /// folder gets its name. So the input comes last.
    const Path& path() const { return through_; }
    /// An error of writing there, with the folder's own name.
    Error named(Error error) const;

    /// Makes what is in the folder safe, and moves the job's input file there as input.jsonl (copies it from
    /// another file system). Fine when an earlier run did it: `from` is gone then. Errors: errno, not_found
    /// when it is in neither place.
    Result<void> take_input(const Path& from);

    /// Copies the first `size_bytes` of the job's input file into the folder as input.jsonl, and removes
    /// `from` then: of a file that was written to since. Fine when an earlier run did it. Errors: as
    /// take_input().
    Result<void> take_start_of_input(const Path& from, std::uint64_t size_bytes);

    /// Syncs what is not synced yet, with the folder's group where the parent hands that on, and gives it its
    /// name: NAME, or NAME.2, NAME.3 … where that is taken; returns it. Names in `reserved` are never given.
    /// Errors: errno; changed where the folder was put aside by somebody; too_large when there are a million
    /// of them.
    Result<std::string> publish(const std::set<std::string>& reserved = {});

private:
    FolderBuilder(Path parent, UniqueFd opened, std::string name, Path path, UniqueFd folder);
    Result<void> make_safe();
    Result<void> finish_input();
    Result<void> take(const Path& from, const std::function<Result<void>(const Path& to)>& move);

    Path parent_;
    UniqueFd opened_;  // the parent
    Path inside_;      // a path into it
    std::string name_;
    Path path_;
    UniqueFd folder_;
    Path through_;
    bool is_safe_ = false;  // with all that is in it, but for the input
};

}  // namespace batchd::spool
