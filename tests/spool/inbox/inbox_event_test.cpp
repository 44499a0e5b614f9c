#include "spool/inbox/inbox_event.hpp"

#include <cstring>

#include <gtest/gtest.h>
#include <sys/inotify.h>

namespace batchd::spool {
namespace {

using Kind = InboxEvent::Kind;

/// An event as the kernel writes it: the name padded with NUL to a multiple of the event's size.
std::string raw(std::uint32_t mask, const std::string& name) {
    inotify_event head{};
    head.wd = 1;
    head.mask = mask;
    const std::size_t size = sizeof(inotify_event);
    head.len = static_cast<std::uint32_t>(name.empty() ? 0 : (name.size() / size + 1) * size);
    std::string bytes(size, '\0');
    std::memcpy(bytes.data(), &head, size);
    return bytes + name + std::string(head.len - name.size(), '\0');
}

std::vector<InboxEvent> decoded(std::string_view bytes) {
    std::vector<InboxEvent> events;
    for (FolderEvent& seen : decode_events(bytes)) {
        EXPECT_EQ(seen.watch, 1);
        events.push_back(std::move(seen.event));
    }
    return events;
}

struct Case {
    std::uint32_t mask;
    Kind kind;
};

TEST(DecodeEventsTest, TellsWhatHappenedToAName) {
    for (const Case& c : {Case{IN_MOVED_TO, Kind::moved_in}, Case{IN_CLOSE_WRITE, Kind::closed},
                          Case{IN_CREATE, Kind::created}, Case{IN_MODIFY, Kind::modified},
                          Case{IN_ATTRIB, Kind::attributes}}) {
        EXPECT_EQ(decoded(raw(c.mask, "a b\n.jsonl")), (std::vector<InboxEvent>{{c.kind, "a b\n.jsonl"}}))
            << c.mask;
    }
}

TEST(DecodeEventsTest, TellsWhenTheInboxItselfIsGone) {
    for (const unsigned mask : {0U + IN_DELETE_SELF, 0U + IN_MOVE_SELF, 0U + IN_UNMOUNT, 0U + IN_IGNORED})
        EXPECT_EQ(decoded(raw(mask | IN_ISDIR, "")), (std::vector<InboxEvent>{{Kind::gone_away, ""}}))
            << mask;
}

TEST(DecodeEventsTest, TellsThatEventsWereLost) {
    EXPECT_EQ(decoded(raw(IN_Q_OVERFLOW, "")), (std::vector<InboxEvent>{{Kind::overflow, ""}}));
}

TEST(DecodeEventsTest, KeepsTheOrderAndDropsRepetitions) {
    const std::string bytes = raw(IN_CREATE, "a") + raw(IN_MODIFY, "a") + raw(IN_MODIFY, "a") +
                              raw(IN_MODIFY, "b") + raw(IN_MODIFY, "a") + raw(IN_CLOSE_WRITE, "a");
    EXPECT_EQ(decoded(bytes), (std::vector<InboxEvent>{{Kind::created, "a"},
                                                       {Kind::modified, "a"},
                                                       {Kind::modified, "b"},
                                                       {Kind::modified, "a"},
                                                       {Kind::closed, "a"}}));
}

TEST(DecodeEventsTest, LeavesOutFoldersInTheInbox) {
    EXPECT_TRUE(decoded(raw(IN_CREATE | IN_ISDIR, "done.jsonl")).empty());
    EXPECT_TRUE(decoded(raw(IN_MOVED_TO | IN_ISDIR, "done.jsonl")).empty());
}

TEST(DecodeEventsTest, ReadsNamesThatFillTheirSpace) {
    const std::string name(255, 'n');
    EXPECT_EQ(decoded(raw(IN_MOVED_TO, name)), (std::vector<InboxEvent>{{Kind::moved_in, name}}));
}

TEST(DecodeEventsTest, StopsAtBytesThatAreNoWholeEvent) {
    const std::string two = raw(IN_CREATE, "a") + raw(IN_CLOSE_WRITE, "a");
    for (std::size_t size = 0; size < two.size(); ++size)
        EXPECT_LE(decoded({two.data(), size}).size(), size < two.size() / 2 ? 0U : 1U) << size;
    std::string lying = raw(IN_CREATE, "a");
    const std::uint32_t huge = 0xFFFFFFFF;
    std::memcpy(lying.data() + offsetof(inotify_event, len), &huge, sizeof huge);
    EXPECT_TRUE(decoded(lying).empty());
}

}  // namespace
}  // namespace batchd::spool
