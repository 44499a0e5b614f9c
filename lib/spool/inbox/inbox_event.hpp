#pragma once

#include <span>
#include <string>
#include <vector>

namespace batchd::spool {

/// Something that the kernel saw happen to the inbox. A hint where to look; the directory itself is the
/// truth.
struct InboxEvent {
    enum class Kind {
        moved_in,    ///< the name appeared by rename: whole
        closed,      ///< a writer closed the file
        created,     ///< the name appeared: somebody writes to it now, or linked it
        modified,    ///< a writer is at it
        attributes,  ///< mode, owner or times were changed; without a name: those of the inbox
        gone_away,   ///< the inbox itself was removed, renamed or unmounted: watch again
        overflow,    ///< the kernel dropped events: scan, and trust no earlier one
    };
    Kind kind = Kind::overflow;
    std::string name;  ///< bytes as they stand in the directory; "" where it is about the inbox

    friend bool operator==(const InboxEvent&, const InboxEvent&) = default;
};

/// Of which folder it is: the number that inotify_add_watch() gave it; -1 of an overflow, which is of all. An
/// event with the folder that it is about, for many folders are watched by one instance.
struct FolderEvent {
    int watch = -1;
    InboxEvent event;

    friend bool operator==(const FolderEvent&, const FolderEvent&) = default;
};

/// What inotify reads out. What is about directories in the inbox is left out, as are repetitions of the
/// event before. Bytes that are no whole event are left out as well. Source: inotify(7).
std::vector<FolderEvent> decode_events(std::span<const char> bytes);

}  // namespace batchd::spool
