#include "spool/drop/drop_folder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::TempDir;

struct DropFolderTest : ::testing::Test {
    DropFolderTest() { std::filesystem::create_directory(dir.path() / "folder"); }
    /// True when what was opened is the folder.
    bool leads_to_the_folder(const Path& path) {
        const auto opened = open_drop_folder(path);
        struct stat found{}, wanted{};
        return opened && ::fstat(opened->get(), &found) == 0 &&
               ::stat((dir.path() / "folder").c_str(), &wanted) == 0 && found.st_ino == wanted.st_ino;
    }
    TempDir dir;
};

TEST_F(DropFolderTest, OpensAFolder) {
    EXPECT_TRUE(leads_to_the_folder(dir.path() / "folder"));
}

TEST_F(DropFolderTest, FollowsALinkOfOurs) {
    std::filesystem::create_symlink("folder", dir.path() / "near");
    std::filesystem::create_symlink(dir.path() / "folder", dir.path() / "far");
    EXPECT_TRUE(leads_to_the_folder(dir.path() / "near"));
    EXPECT_TRUE(leads_to_the_folder(dir.path() / "far"));
}

TEST_F(DropFolderTest, DoesNotFollowSomebodyElsesLink) {
    const Path link = dir.path() / "link";
    std::filesystem::create_symlink("folder", link);
    if (::lchown(link.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can make somebody else's link";
    const auto opened = open_drop_folder(link);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, std::errc::too_many_symbolic_link_levels);
    EXPECT_NE(to_string(opened.error()).find("put the folder in its place"), std::string::npos);
}

TEST_F(DropFolderTest, SaysWhatIsNotThereOrIsNoFolder) {
    EXPECT_EQ(open_drop_folder(dir.path() / "nothing").error().code, std::errc::no_such_file_or_directory);
    EXPECT_EQ(open_drop_folder(dir.write("file", "x")).error().code, std::errc::not_a_directory);
}

}  // namespace
}  // namespace batchd::spool
