#include "spool/inbox/inbox_event.hpp"

#include <cstring>
#include <optional>

#include <sys/inotify.h>

namespace batchd::spool {
namespace {

using Kind = InboxEvent::Kind;

std::optional<Kind> kind_in(std::uint32_t mask) {
    // The first that applies counts, and what makes all else unreliable comes first.
    if ((mask & IN_Q_OVERFLOW) != 0) return Kind::overflow;
    if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) return Kind::gone_away;
    if ((mask & IN_MOVED_TO) != 0) return Kind::moved_in;
    if ((mask & IN_CLOSE_WRITE) != 0) return Kind::closed;
    if ((mask & IN_CREATE) != 0) return Kind::created;
    if ((mask & IN_MODIFY) != 0) return Kind::modified;
    if ((mask & IN_ATTRIB) != 0) return Kind::attributes;
    return std::nullopt;
}

/// An event about a directory inside the inbox, not about the inbox: that one has no name.
bool is_of_a_folder(std::uint32_t mask, const std::string& name) {
    return (mask & IN_ISDIR) != 0 && !name.empty();
}

}  // namespace

std::vector<FolderEvent> decode_events(std::span<const char> bytes) {
    std::vector<FolderEvent> events;
    while (bytes.size() >= sizeof(inotify_event)) {
        inotify_event head{};
        // Copied, for nothing promises that a record in the buffer is aligned for the struct.
        std::memcpy(&head, bytes.data(), offsetof(inotify_event, name));
        // The kernel only hands out whole records; a decoder that reads past its buffer is no place to rely
        // on it.
        if (head.len > bytes.size() - sizeof(inotify_event)) break;
        const char* const text = bytes.data() + sizeof(inotify_event);
        // Names are padded with NUL.
        FolderEvent seen{head.wd, {Kind::overflow, std::string(text, ::strnlen(text, head.len))}};
        bytes = bytes.subspan(sizeof(inotify_event) + head.len);
        const auto kind = kind_in(head.mask);
        if (!kind || is_of_a_folder(head.mask, seen.event.name)) continue;
        seen.event.kind = *kind;
        // A writer of a large file makes thousands of the same event in a row.
        if (events.empty() || events.back() != seen) events.push_back(std::move(seen));
    }
    return events;
}

}  // namespace batchd::spool
