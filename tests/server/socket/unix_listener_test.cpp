#include "server/socket/unix_listener.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "server/client.hpp"
#include "support/temp_dir.hpp"

namespace batchd::server {
namespace {

struct UnixListenerTest : ::testing::Test {
    struct stat status() const {
        struct stat found{};
        EXPECT_EQ(::lstat(path.c_str(), &found), 0);
        return found;
    }

    testing::TempDir directory;
    Path path = directory.path() / "run/batchd.sock";
};

TEST_F(UnixListenerTest, IsForItsOwnerAndItsGroupAndGoesAtItsEnd) {
    {
        const mode_t before = ::umask(0077);
        const auto listener = UnixListener::open(path, std::nullopt);
        ::umask(before);
        ASSERT_TRUE(listener) << to_string(listener.error());
        EXPECT_TRUE(S_ISSOCK(status().st_mode));
        EXPECT_EQ(status().st_mode & 07777, 0660U);
        EXPECT_TRUE(Client::at(path).send("x"));
    }
    EXPECT_FALSE(file_exists(path).value());
}

TEST_F(UnixListenerTest, IsGivenToItsGroup) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file to any group";
    const auto listener = UnixListener::open(path, gid_t{12345});
    ASSERT_TRUE(listener);
    EXPECT_EQ(status().st_gid, 12345U);
}

TEST_F(UnixListenerTest, WhatARunThatWasKilledHasLeftIsReplaced) {
    {
        auto killed = UnixListener::open(path, std::nullopt);
        ASSERT_TRUE(killed);
        const Path kept = directory.path() / "kept";
        ASSERT_EQ(::link(path.c_str(), kept.c_str()), 0);
        ASSERT_EQ(::rename(kept.c_str(), (path.string() + ".old").c_str()), 0);
    }
    ASSERT_EQ(::rename((path.string() + ".old").c_str(), path.c_str()), 0);
    const auto listener = UnixListener::open(path, std::nullopt);
    EXPECT_TRUE(listener) << to_string(listener.error());
    EXPECT_TRUE(Client::at(path).send("x"));
}

TEST_F(UnixListenerTest, WhatSomebodyListensOnIsLeftToThem) {
    const auto first = UnixListener::open(path, std::nullopt);
    const auto second = UnixListener::open(path, std::nullopt);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::locked);
    EXPECT_EQ(to_string(second.error()),
              path.string() + " is taken by another process (pid " + std::to_string(::getpid()) + ")");
    EXPECT_TRUE(Client::at(path).send("x"));
}

TEST_F(UnixListenerTest, WhatIsNoSocketStays) {
    ASSERT_TRUE(make_directory(path.parent_path()));
    ASSERT_TRUE(replace_file(path, "mine"));
    const auto listener = UnixListener::open(path, std::nullopt);
    ASSERT_FALSE(listener);
    EXPECT_EQ(to_string(listener.error()), path.string() + " is there, and is no socket");
    EXPECT_EQ(testing::slurp(path), "mine");
}

TEST_F(UnixListenerTest, TheNextOnesNameStaysWhenTheFirstEnds) {
    std::optional<UnixListener> first(UnixListener::open(path, std::nullopt).value());
    ASSERT_TRUE(remove_file(path));
    const auto second = UnixListener::open(path, std::nullopt);
    ASSERT_TRUE(second);
    first.reset();
    EXPECT_TRUE(Client::at(path).send("x"));
}

}  // namespace
}  // namespace batchd::server
