#include "spool/inbox/inbox.hpp"

#include <algorithm>
#include <set>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "spool/hostile_names.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::TempDir;

InboxPage scan_all(const Path& inbox) {
    auto scan = InboxScan::open(inbox).value();
    return scan.next().value();
}

void make_socket(const Path& path) {
    const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST(InboxScanTest, FindsRegularFilesWithWhatTheirWritersMove) {
    const TempDir inbox;
    const Path path = inbox.write("a.jsonl", "12345");
    const InboxPage page = scan_all(inbox.path());
    ASSERT_EQ(page.candidates.size(), 1U);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(page.candidates[0].name, "a.jsonl");
    EXPECT_EQ(page.candidates[0].id, file_id(status));
    EXPECT_EQ(page.candidates[0].stamp, file_stamp(status));
    EXPECT_EQ(page.candidates[0].stamp.size_bytes, 5U);
    EXPECT_FALSE(page.more);
}

TEST(InboxScanTest, AnInboxIsEmptyWhereThereIsNoNameAtAll) {
    const TempDir inbox;
    EXPECT_TRUE(is_empty_inbox(inbox.path()).value());
    inbox.write(".hidden", "");
    EXPECT_FALSE(is_empty_inbox(inbox.path()).value());
    EXPECT_TRUE(is_empty_inbox(inbox.path() / "gone").has_error());
}

TEST(InboxScanTest, FindsNamesOfAnyBytes) {
    const TempDir inbox;
    std::set<std::string> names;
    for (const std::string& name : testing::hostile_names()) names.insert(name + ".jsonl");
    for (const std::string& name : names) inbox.write(name, "{}\n");
    std::set<std::string> found;
    for (const Candidate& candidate : scan_all(inbox.path()).candidates) found.insert(candidate.name);
    EXPECT_EQ(found, names);
}

TEST(InboxScanTest, ReportsWhatIsNoFileAndDoesNotFollowIt) {
    const TempDir inbox;
    const TempDir elsewhere;
    const Path secret = elsewhere.write("secret", "not ours to read");
    ASSERT_EQ(::symlink(secret.c_str(), (inbox.path() / "link.jsonl").c_str()), 0);
    ASSERT_EQ(::symlink("loop.jsonl", (inbox.path() / "loop.jsonl").c_str()), 0);
    ASSERT_EQ(::symlink("nowhere", (inbox.path() / "dangling.jsonl").c_str()), 0);
    ASSERT_EQ(::mkfifo((inbox.path() / "fifo.jsonl").c_str(), 0600), 0);
    ASSERT_EQ(::mkdir((inbox.path() / "folder.jsonl").c_str(), 0700), 0);
    make_socket(inbox.path() / "socket.jsonl");
    const InboxPage page = scan_all(inbox.path());
    EXPECT_TRUE(page.candidates.empty());
    using Names = std::set<std::string>;
    const std::map<LeftReason, LeftFiles> expected{
        {LeftReason::link, {3, Names{"dangling.jsonl", "link.jsonl", "loop.jsonl"}}},
        {LeftReason::folder, {1, Names{"folder.jsonl"}}},
        {LeftReason::special, {2, Names{"fifo.jsonl", "socket.jsonl"}}}};
    EXPECT_EQ(page.left.by_reason(), expected);
}

TEST(InboxScanTest, ReportsOtherExtensionsAndUnfinishedFilesButNotHiddenOnes) {
    const TempDir inbox;
    inbox.write("notes.txt", "");
    inbox.write(".hidden.jsonl", "");
    inbox.write("a.jsonl.part", "");
    const InboxPage page = scan_all(inbox.path());
    const std::map<LeftReason, LeftFiles> expected{
        {LeftReason::extension, {1, std::set<std::string>{"notes.txt"}}},
        {LeftReason::temporary, {1, std::set<std::string>{"a.jsonl.part"}}}};
    EXPECT_EQ(page.left.by_reason(), expected);
    EXPECT_TRUE(page.candidates.empty());
}

TEST(InboxScanTest, ReportsHiddenFilesThatNobodyWritesToAnyMore) {
    const TempDir inbox;
    inbox.write(".being-written.jsonl", "");
    const timespec two_minutes_ago[2] = {{::time(nullptr) - 120, 0}, {::time(nullptr) - 120, 0}};
    for (const char* const name : {".left.jsonl", ".submit-0123.part"})
        ASSERT_EQ(::utimensat(AT_FDCWD, inbox.write(name, "{}\n").c_str(), two_minutes_ago, 0), 0);
    ASSERT_EQ(::mkdir((inbox.path() / ".folder").c_str(), 0700), 0);
    ASSERT_EQ(::utimensat(AT_FDCWD, (inbox.path() / ".folder").c_str(), two_minutes_ago, 0), 0);
    const auto left = scan_all(inbox.path()).left.by_reason();
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left.at(LeftReason::hidden), (LeftFiles{1, std::set<std::string>{".left.jsonl"}}));
}

TEST(InboxScanTest, LooksAtFewNamesAtATimeAndMissesNone) {
    const TempDir inbox;
    for (int i = 0; i < 25; ++i) inbox.write(std::to_string(i) + ".jsonl", "{}");
    auto scan = InboxScan::open(inbox.path()).value();
    std::set<std::string> found;
    for (bool more = true; more;) {
        const InboxPage page = scan.next(4).value();
        ASSERT_LE(page.candidates.size(), 4U);
        for (const Candidate& candidate : page.candidates) EXPECT_TRUE(found.insert(candidate.name).second);
        more = page.more;
    }
    EXPECT_EQ(found.size(), 25U);
}

TEST(InboxScanTest, GivesTheOldestFirst) {
    const TempDir inbox;
    const auto write_at = [&](const char* name, time_t seconds) {
        const Path path = inbox.write(name, "{}");
        const timespec times[2] = {{seconds, 0}, {seconds, 0}};
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
    };
    write_at("young.jsonl", 3000);
    write_at("old.jsonl", 1000);
    write_at("middle.jsonl", 2000);
    const InboxPage page = scan_all(inbox.path());
    ASSERT_EQ(page.candidates.size(), 3U);
    EXPECT_EQ(page.candidates[0].name, "old.jsonl");
    EXPECT_EQ(page.candidates[1].name, "middle.jsonl");
    EXPECT_EQ(page.candidates[2].name, "young.jsonl");
}

TEST(InboxScanTest, SaysThatThereIsNoInbox) {
    const auto scan = InboxScan::open("/nonexistent/inbox");
    ASSERT_FALSE(scan);
    EXPECT_EQ(scan.error().code, boost::system::errc::no_such_file_or_directory);
}

TEST(LookAtTest, FindsOneFileAndNothingElse) {
    const TempDir inbox;
    inbox.write("a.jsonl", "123");
    inbox.write("a.txt", "");
    ASSERT_EQ(::mkfifo((inbox.path() / "fifo.jsonl").c_str(), 0600), 0);
    EXPECT_EQ(look_at(inbox.path(), "a.jsonl").value()->stamp.size_bytes, 3U);
    EXPECT_FALSE(look_at(inbox.path(), "gone.jsonl").value());
    EXPECT_FALSE(look_at(inbox.path(), "a.txt").value());
    EXPECT_FALSE(look_at(inbox.path(), "fifo.jsonl").value());
}

TEST(MakeInboxTest, LetsTheGroupDropFiles) {
    const TempDir dir;
    const Path inbox = dir.path() / "spool/inbox";
    ASSERT_TRUE(make_inbox(inbox));
    struct stat status{};
    ASSERT_EQ(::stat(inbox.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 02775U);
}

TEST(MakeInboxTest, LeavesOneThatIsThereAsItIs) {
    const TempDir dir;
    ASSERT_EQ(::chmod(dir.path().c_str(), 0711), 0);
    ASSERT_TRUE(make_inbox(dir.path()));
    struct stat status{};
    ASSERT_EQ(::stat(dir.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0711U);
}

TEST(StampTest, ChangesWhenSomebodyWritesToTheFile) {
    const TempDir dir;
    const Path path = dir.write("a.jsonl", "123");
    const auto fd = open_file(path, O_RDWR | O_APPEND);
    ASSERT_TRUE(fd);
    const FileStamp before = stamp(fd->get()).value();
    EXPECT_EQ(stamp(fd->get()).value(), before);
    ASSERT_TRUE(write_all(fd->get(), "4"));
    EXPECT_NE(stamp(fd->get()).value(), before);
}

}  // namespace
}  // namespace batchd::spool
