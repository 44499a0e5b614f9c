#include "daemon/host/folders.hpp"

#include <cerrno>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

Error failure(int code) {
    return {{code, boost::system::system_category()}, "make directory /x"};
}

TEST(MakeFoldersTest, AreMadeWhereTheyAreMissing) {
    const testing::TempDir dir;
    const spool::Layout layout{dir.path() / "state"};
    const config::Spool spool{
        .inbox = dir.path() / "in", .outbox = dir.path() / "out/deep", .rejected = dir.path() / "rejected"};
    ASSERT_TRUE(make_folders(spool, layout));
    for (const Path& folder : {spool.inbox, spool.outbox, spool.rejected, layout.work_root()})
        EXPECT_TRUE(std::filesystem::is_directory(folder)) << folder;
    EXPECT_TRUE(make_folders(spool, layout)) << "and stay";
}

struct QueueFoldersTest : ::testing::Test {
    const testing::TempDir dir;
    config::Settings settings;

    void SetUp() override {
        settings.spool = {
            .inbox = dir.path() / "in", .outbox = dir.path() / "out", .rejected = dir.path() / "bad"};
        settings.queues["nightly"] = {};
        ASSERT_TRUE(make_folders(settings.spool, {dir.path() / "state"}));
    }
    static struct stat look(const Path& folder) {
        struct stat status{};
        EXPECT_EQ(::lstat(folder.c_str(), &status), 0) << folder;
        return status;
    }
    std::vector<Path> folders() const {
        return {dir.path() / "in/nightly", dir.path() / "out/nightly", dir.path() / "bad/nightly"};
    }
};

TEST_F(QueueFoldersTest, HaveTheModeAndTheGroupOfTheInbox) {
    ASSERT_EQ(::chmod(settings.spool.inbox.c_str(), 02770), 0);
    ASSERT_TRUE(make_queue_folders(settings).empty());
    for (const Path& folder : folders()) {
        EXPECT_EQ(look(folder).st_mode, look(settings.spool.inbox).st_mode) << folder;
        EXPECT_EQ(look(folder).st_gid, look(settings.spool.inbox).st_gid) << folder;
    }
}

TEST_F(QueueFoldersTest, StayAsTheirOwnerHasThemUntilTheQueueNamesAGroup) {
    ASSERT_TRUE(make_queue_folders(settings).empty());
    for (const Path& folder : folders()) ASSERT_EQ(::chmod(folder.c_str(), 0711), 0);
    ASSERT_TRUE(make_queue_folders(settings).empty());
    for (const Path& folder : folders()) EXPECT_EQ(look(folder).st_mode & 07777, 0711U) << folder;

    if (::geteuid() != 0) GTEST_SKIP() << "only root gives folders to any group";
    settings.queues["nightly"].group = "nogroup";
    ASSERT_TRUE(make_queue_folders(settings).empty());
    for (const Path& folder : folders()) {
        EXPECT_EQ(look(folder).st_gid, 65534U) << folder;
        EXPECT_EQ(look(folder).st_mode & 02070, 02070U) << folder;
    }

    const auto before = std::exchange(settings.queues, {{"nightly", config::Queue{}}});
    ASSERT_TRUE(make_queue_folders(settings).empty());
    for (const Path& folder : folders())
        EXPECT_EQ(look(folder).st_gid, 65534U) << "of a group of people's own";
    ASSERT_TRUE(make_queue_folders(settings, before).empty());
    for (const Path& folder : folders()) {
        EXPECT_EQ(look(folder).st_gid, look(settings.spool.inbox).st_gid) << folder;
        EXPECT_EQ(look(folder).st_mode, look(settings.spool.inbox).st_mode) << folder;
    }
}

TEST_F(QueueFoldersTest, AreNeverThoseOfAJobNorALink) {
    ASSERT_TRUE(make_directory(dir.path() / "out/nightly"));
    dir.write("out/nightly/job.json", "{}");
    const auto taken = expect_free_folders(settings);
    ASSERT_FALSE(taken);
    EXPECT_NE(taken.error().context.find("queue.nightly: "), std::string::npos) << taken.error().context;
    EXPECT_NE(taken.error().context.find("is the folder of a job"), std::string::npos);
    EXPECT_EQ(make_queue_folders(settings).at(0).code, Errc::bad_input);

    std::filesystem::remove_all(dir.path() / "out/nightly");
    EXPECT_TRUE(expect_free_folders(settings));
    std::filesystem::remove(dir.path() / "bad/nightly");  // the others were made all the same
    std::filesystem::create_directory_symlink(dir.path(), dir.path() / "bad/nightly");
    EXPECT_FALSE(expect_free_folders(settings));
}

TEST_F(QueueFoldersTest, WhatIsDroppedUnderTheNameOfARecordIsInNobodysWay) {
    ASSERT_TRUE(make_queue_folders(settings).empty());
    dir.write("in/nightly/job.json", "{}");
    ASSERT_TRUE(make_directory(dir.path() / "out/nightly/job.json"));  // of a job of that name
    EXPECT_TRUE(expect_free_folders(settings));
}

TEST_F(QueueFoldersTest, OneThatCanNotBeMadeKeepsNoOtherFromBeingThere) {
    settings.queues["a"] = {};
    dir.write("in/a", "a file in its place");
    const auto failures = make_queue_folders(settings);
    ASSERT_EQ(failures.size(), 1U);
    EXPECT_NE(failures[0].context.find("queue.a: "), std::string::npos) << failures[0].context;
    for (const Path& folder : folders()) EXPECT_TRUE(std::filesystem::is_directory(folder)) << folder;
}

TEST(MakeFoldersTest, AFolderBeyondTheSandboxIsToldWithItsRemedy) {
    const std::string remedy = sandbox_remedy(failure(EROFS), "/srv/inbox");
    EXPECT_NE(remedy.find("ReadWritePaths=/srv/inbox"), std::string::npos) << remedy;
    EXPECT_EQ(remedy.find("ProtectHome"), std::string::npos) << remedy;
    for (const int code : {EROFS, EACCES, ENOENT})
        EXPECT_NE(sandbox_remedy(failure(code), "/home/ann/inbox").find("ProtectHome=false"),
                  std::string::npos)
            << code;
}

TEST(MakeFoldersTest, WhatTheSandboxCanNotBeToBlameForHasNoRemedyOfIt) {
    EXPECT_EQ(sandbox_remedy(failure(EACCES), "/srv/inbox"), "");
    EXPECT_EQ(sandbox_remedy(failure(ENOSPC), "/home/ann/inbox"), "");
}

}  // namespace
}  // namespace batchd
