#include "spool/inbox/inbox_lock.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::TempDir;

TEST(InboxLockTest, TellsTheSecondDaemonWhoTheFirstIs) {
    const TempDir inbox;
    const auto first = InboxLock::acquire(inbox.path());
    ASSERT_TRUE(first);
    const auto second = InboxLock::acquire(inbox.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::locked);
    EXPECT_NE(second.error().context.find("pid " + std::to_string(::getpid())), std::string::npos);
    EXPECT_NE(second.error().context.find("spool.inbox"), std::string::npos);
}

TEST(InboxLockTest, IsFreeAgainWhenItsHolderIsGoneAndLeavesNothingBehind) {
    const TempDir inbox;
    ASSERT_TRUE(InboxLock::acquire(inbox.path()));
    EXPECT_TRUE(InboxLock::acquire(inbox.path()));
    EXPECT_TRUE(std::filesystem::is_empty(inbox.path()));
}

TEST(InboxLockTest, IsOnTheFolderAndNotOnItsName) {
    const TempDir root;
    const Path inbox = root.path() / "inbox";
    ASSERT_TRUE(make_directory(inbox));
    const auto lock = InboxLock::acquire(inbox).value();
    EXPECT_TRUE(lock.is_on(inbox));
    ASSERT_TRUE(rename_file(inbox, root.path() / "aside"));
    EXPECT_FALSE(lock.is_on(inbox));
    ASSERT_TRUE(make_directory(inbox));
    EXPECT_FALSE(lock.is_on(inbox));
    EXPECT_TRUE(InboxLock::acquire(inbox)) << "another folder is another inbox";
}

TEST(InboxLockTest, SaysThatThereIsNoInbox) {
    EXPECT_EQ(InboxLock::acquire("/nonexistent/inbox").error().code,
              boost::system::errc::no_such_file_or_directory);
}

}  // namespace
}  // namespace batchd::spool
