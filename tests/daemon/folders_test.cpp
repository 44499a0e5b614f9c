#include "folders.hpp"

#include <cerrno>

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
