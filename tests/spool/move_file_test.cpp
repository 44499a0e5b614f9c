#include "spool/move_file.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "spool/file_stamp.hpp"
#include "spool/other_file_system.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::OtherFileSystem;
using testing::slurp;
using testing::TempDir;

TEST(RenameNewTest, NeverReplacesWhatIsThere) {
    const TempDir dir;
    const Path from = dir.write("from", "new");
    const Path to = dir.write("to", "old");
    const auto renamed = rename_new(from, to);
    ASSERT_FALSE(renamed);
    EXPECT_EQ(renamed.error().code, boost::system::errc::file_exists);
    EXPECT_EQ(slurp(to), "old");
    EXPECT_EQ(slurp(from), "new");
}

TEST(RenameNewTest, DoesNotEvenReplaceAnEmptyFolder) {
    const TempDir dir;
    ASSERT_TRUE(make_directory(dir.path() / "from"));
    ASSERT_TRUE(make_directory(dir.path() / "to"));
    const auto renamed = rename_new(dir.path() / "from", dir.path() / "to");
    ASSERT_FALSE(renamed);
    EXPECT_EQ(renamed.error().code, boost::system::errc::file_exists);
}

TEST(CopyDurablyTest, KeepsContentAndTime) {
    const TempDir dir;
    const Path from = dir.write("from", std::string(700'000, 'x') + "end");
    const auto fd = open_file(from, O_RDONLY);
    ASSERT_TRUE(fd);
    ASSERT_TRUE(copy_durably(fd->get(), dir.path() / "to"));
    EXPECT_EQ(slurp(dir.path() / "to"), slurp(from));
    const auto copy = open_file(dir.path() / "to", O_RDONLY);
    EXPECT_TRUE(same_content(stamp(fd->get()).value(), stamp(copy->get()).value()));
    EXPECT_FALSE(file_exists(dir.path() / "to.tmp").value());
}

TEST(MoveOrCopyTest, MovesWithinAFileSystem) {
    const TempDir dir;
    const Path from = dir.write("from", "content");
    ASSERT_TRUE(move_or_copy(from, dir.path() / "to"));
    EXPECT_EQ(slurp(dir.path() / "to"), "content");
    EXPECT_FALSE(file_exists(from).value());
}

TEST(MoveOrCopyTest, MovesAcrossFileSystems) {
    const TempDir dir;
    const OtherFileSystem other(dir.path());
    if (other.path().empty()) GTEST_SKIP() << "this machine has no second file system at /dev/shm";
    const Path from = dir.write("from", "content");
    ASSERT_TRUE(move_or_copy(from, other.path() / "to"));
    EXPECT_EQ(slurp(other.path() / "to"), "content");
    EXPECT_FALSE(file_exists(from).value());
}

TEST(MoveOrCopyTest, LeavesTheOriginalWhenItFails) {
    const TempDir dir;
    const Path from = dir.write("from", "content");
    const auto moved = move_or_copy(from, dir.path() / "missing/to");
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, boost::system::errc::no_such_file_or_directory);
    EXPECT_EQ(slurp(from), "content");
}

}  // namespace
}  // namespace batchd::spool
