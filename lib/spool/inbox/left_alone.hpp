#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace batchd::spool {

/// Why something in the inbox is not taken.
enum class LeftReason {
    extension,   ///< its name does not end in .jsonl
    temporary,   ///< it has the name of somebody's unfinished file
    link,        ///< it is a symbolic link
    folder,      ///< it is a folder
    special,     ///< it is a FIFO, a socket or a device
    permission,  ///< we may not read it, or not move it
    open,        ///< its writer has not closed it for a minute
    set_aside,   ///< it was taken, and no job that is on record waits for it
    hidden,      ///< its name begins with a dot, and it has stood still for a minute
    failed,      ///< taking it has failed, and is tried again
};

/// The word for programs: "extension", "set_aside".
std::string_view to_string(LeftReason reason);
/// What somebody can do about it: "rename them to NAME.jsonl".
std::string_view remedy(LeftReason reason);

/// The files that are left alone for one reason: counted, however many they are, and a few of them named.
struct LeftFiles {
    static constexpr std::size_t kNamesMax = 3;
    std::uint64_t count = 0;
    std::set<std::string> names{};  ///< the first in order of their bytes; names as they are

    friend bool operator==(const LeftFiles&, const LeftFiles&) = default;
};

/// What is in the inbox and not taken, by reason.
class LeftAlone {
public:
    void add(LeftReason reason, const std::string& name);
    void add(const LeftAlone& more);

    const std::map<LeftReason, LeftFiles>& by_reason() const { return files_; }

private:
    std::map<LeftReason, LeftFiles> files_;
};

/// "3 files that do not end in .jsonl (NIGHTLY.JSONL, a.txt, b.txt): rename them to NAME.jsonl". Not
/// printable where the names are not.
std::string sentence(LeftReason reason, const LeftFiles& files);

}  // namespace batchd::spool
