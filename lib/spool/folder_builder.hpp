#pragma once

#include <string>
#include <string_view>

#include "base/file.hpp"

namespace batchd::spool {

/// Builds a folder under a hidden name in `outbox` or `rejected`, and shows it whole by one rename. Nothing
/// is removed when it is destroyed before publish(): the next builder with the same key goes on with it.
class FolderBuilder {
public:
    /// Makes the hidden folder for job `key`, and the parent where it is missing. What a crashed run left in
    /// it is removed, but for input.jsonl, which may be the only copy. Errors: errno.
    static Result<FolderBuilder> create(const Path& parent, std::string name, std::string_view key);

    /// Where to write the files of the folder.
    const Path& path() const { return path_; }

    /// Moves the job's input file into the folder as input.jsonl (copies it from another file system). Fine
    /// when an earlier run did it: `from` is gone then. Errors: errno, not_found when it is in neither place.
    Result<void> take_input(const Path& from);

    /// Syncs what is in the folder, and gives it its name: NAME, or NAME.2, NAME.3 … where that is taken;
    /// returns it. Errors: errno; too_large when there are a million of them.
    Result<std::string> publish();

private:
    FolderBuilder(Path parent, std::string name, Path path);

    Path parent_;
    std::string name_;
    Path path_;
};

}  // namespace batchd::spool
