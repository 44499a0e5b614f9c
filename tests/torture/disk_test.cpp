#include "torture/disk.hpp"

#include <algorithm>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::torture {
namespace {

using testing::TempDir;

class DiskTest : public ::testing::Test {
protected:
    DiskTest() {
        std::filesystem::create_directories(directory_.path() / "a/b");
        directory_.write("a/old", "old");
    }
    Disk make() const { return Disk(directory_.path(), {"a"}); }
    Disk::FileNumber number_of_a() const {
        struct stat status{};
        EXPECT_EQ(::stat((directory_.path() / "a").c_str(), &status), 0);
        return status.st_ino;
    }
    static Tree left(const Disk& disk, Survival survival = Survival::synced_only, std::uint64_t seed = 1) {
        std::mt19937_64 random(seed);
        return disk.after_power_cut(survival, random).tree;
    }

private:
    TempDir directory_;
};

constexpr Disk::FileNumber kFile = 1'000'001, kFolder = 1'000'002;
const Tree kBefore{{"a/", ""}, {"a/b/", ""}, {"a/old", "old"}};

Tree with(Tree tree, const std::string& path, const std::string& content = "") {
    tree[path] = content;
    return tree;
}

TEST_F(DiskTest, WhatIsThereAtFirstIsSafe) {
    const Disk disk = make();
    EXPECT_EQ(left(disk), kBefore);
    EXPECT_EQ(disk.as_seen().tree, kBefore);
}

TEST_F(DiskTest, AFileIsLostUntilItsFolderIsSynced) {
    Disk disk = make();
    disk.made_file("a/new", kFile);
    disk.wrote(kFile, 0, "text");
    disk.synced(kFile, disk.now());
    EXPECT_EQ(disk.as_seen().tree, with(kBefore, "a/new", "text"));
    EXPECT_EQ(left(disk), kBefore);
    disk.synced(number_of_a(), disk.now());
    EXPECT_EQ(left(disk), with(kBefore, "a/new", "text"));
}

TEST_F(DiskTest, AFileWhoseFolderIsSyncedIsEmptyUntilItIsSyncedItself) {
    Disk disk = make();
    disk.made_file("a/new", kFile);
    disk.wrote(kFile, 0, "text");
    disk.synced(number_of_a(), disk.now());
    EXPECT_EQ(left(disk), with(kBefore, "a/new"));
    disk.synced(kFile, disk.now());
    EXPECT_EQ(left(disk), with(kBefore, "a/new", "text"));
}

TEST_F(DiskTest, NamesMaySurviveWithoutTheirBytes) {
    Disk disk = make();
    disk.made_file("a/new", kFile);
    disk.wrote(kFile, 0, "text");
    EXPECT_EQ(left(disk, Survival::names_without_data), with(kBefore, "a/new"));
}

TEST_F(DiskTest, ASyncedFolderIsLostWithTheNameThatItHas) {
    Disk disk = make();
    disk.made_directory("a/b/c", kFolder);
    disk.made_file("a/b/c/new", kFile);
    disk.synced(kFolder, disk.now());
    EXPECT_EQ(left(disk), kBefore);
}

TEST_F(DiskTest, ASyncDoesNotCoverWhatCameAfterItBegan) {
    Disk disk = make();
    disk.made_file("a/new", kFile);
    const auto began = disk.now();
    disk.made_file("a/newer", kFile + 1);
    disk.synced(number_of_a(), began);
    EXPECT_EQ(left(disk), with(kBefore, "a/new"));
}

TEST_F(DiskTest, ASyncOfAllCoversNamesAndBytesWhereverTheyAre) {
    Disk disk = make();
    disk.made_directory("a/b/c", kFolder);
    disk.made_file("a/b/c/new", kFile);
    disk.wrote(kFile, 0, "text");
    disk.renamed("a/old", "a/b/moved");
    const auto began = disk.now();
    disk.wrote(kFile, 4, " and more");
    disk.made_file("a/newer", kFile + 1);
    disk.synced_all(began);
    EXPECT_EQ(left(disk),
              (Tree{{"a/", ""}, {"a/b/", ""}, {"a/b/c/", ""}, {"a/b/c/new", "text"}, {"a/b/moved", "old"}}));
}

TEST_F(DiskTest, ARenameIsWholeOnceOneOfItsFoldersIsSynced) {
    Disk disk = make();
    disk.renamed("a/old", "a/b/moved");
    EXPECT_EQ(left(disk), kBefore);
    disk.synced(number_of_a(), disk.now());
    EXPECT_EQ(left(disk), (Tree{{"a/", ""}, {"a/b/", ""}, {"a/b/moved", "old"}}));
}

TEST_F(DiskTest, ARenameOverAFileLeavesOneOrTheOther) {
    Disk disk = make();
    disk.made_file("a/new.tmp", kFile);
    disk.wrote(kFile, 0, "new");
    disk.synced(kFile, disk.now());
    disk.renamed("a/new.tmp", "a/old");
    EXPECT_EQ(left(disk), kBefore);
    disk.synced(number_of_a(), disk.now());
    EXPECT_EQ(left(disk), (Tree{{"a/", ""}, {"a/b/", ""}, {"a/old", "new"}}));
}

TEST_F(DiskTest, ARemovedFileComesBackUntilTheFolderIsSynced) {
    Disk disk = make();
    disk.removed("a/old");
    EXPECT_EQ(left(disk), kBefore);
    disk.synced(number_of_a(), disk.now());
    EXPECT_EQ(left(disk), (Tree{{"a/", ""}, {"a/b/", ""}}));
}

TEST_F(DiskTest, WritesSurviveSectorBySector) {
    Disk disk = make();
    disk.made_file("a/new", kFile);
    disk.synced(number_of_a(), disk.now());
    disk.wrote(kFile, 0, std::string(4096, 'x'));
    bool is_torn = false;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const std::string content = left(disk, Survival::anything, seed).at("a/new");
        const auto written = static_cast<std::size_t>(std::count(content.begin(), content.end(), 'x'));
        EXPECT_EQ(written % 512, 0U);
        is_torn = is_torn || (written > 0 && written < 4096);
    }
    EXPECT_TRUE(is_torn);
}

}  // namespace
}  // namespace batchd::torture
