#include "spool/state/state_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::slurp;
using testing::TempDir;

TEST(StateLockTest, TellsTheSecondDaemonWhoTheFirstIs) {
    const TempDir dir;
    const auto first = StateLock::acquire(dir.path() / "batchd.lock");
    ASSERT_TRUE(first);
    const auto second = StateLock::acquire(dir.path() / "batchd.lock");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::locked);
    EXPECT_EQ(to_string(second.error()),
              "another batchd (pid " + std::to_string(::getpid()) + ") works on " + dir.path().string() +
                  " already; stop it first, or give this one a state.directory of its own");
}

TEST(StateLockTest, IsFreeAgainWhenItsHolderIsGone) {
    const TempDir dir;
    const Path path = dir.path() / "batchd.lock";
    {
        const auto first = StateLock::acquire(path);
    }
    EXPECT_TRUE(StateLock::acquire(path));
}

TEST(StateLockTest, IsNotHeldByAFileThatACrashedDaemonLeft) {
    const TempDir dir;
    const Path path = dir.write("batchd.lock", "4194304 and a longer text than ours\n");
    ASSERT_TRUE(StateLock::acquire(path));
    EXPECT_EQ(slurp(path), std::to_string(::getpid()) + "\n");
}

TEST(StateLockTest, TellsWhoHoldsItWithoutTouchingIt) {
    const TempDir dir;
    const Path path = dir.path() / "batchd.lock";
    EXPECT_FALSE(StateLock::holder(path));
    dir.write("batchd.lock", "1\n");
    EXPECT_FALSE(StateLock::holder(path)) << "left by one that has ended";
    {
        const auto held = StateLock::acquire(path);
        ASSERT_TRUE(held);
        EXPECT_EQ(StateLock::holder(path), ::getpid());
    }
    EXPECT_FALSE(StateLock::holder(path));
}

TEST(StateLockTest, WhereNobodyMayLookItIsNotKnownWhetherADaemonRuns) {
    const TempDir dir;
    EXPECT_EQ(StateLock::look(dir.path() / "none/batchd.lock").value(), std::nullopt);
    const auto unknown = StateLock::look(dir.path() / std::string(300, 'x'));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().code, boost::system::errc::filename_too_long);
    EXPECT_FALSE(StateLock::holder(dir.path() / std::string(300, 'x')));
}

TEST(StateLockTest, WhoSharesALockIsNoDaemon) {
    const TempDir dir;
    const auto fd = open_file(dir.write("batchd.lock", ""), O_RDONLY).value();
    ASSERT_EQ(::flock(fd.get(), LOCK_SH), 0);
    EXPECT_FALSE(StateLock::holder(dir.path() / "batchd.lock"));
}

TEST(StateLockTest, DoesNotWriteThroughALink) {
    const TempDir dir;
    const Path target = dir.write("important", "content");
    ASSERT_EQ(::symlink(target.c_str(), (dir.path() / "batchd.lock").c_str()), 0);
    EXPECT_FALSE(StateLock::acquire(dir.path() / "batchd.lock"));
    EXPECT_EQ(slurp(target), "content");
}

}  // namespace
}  // namespace batchd::spool
