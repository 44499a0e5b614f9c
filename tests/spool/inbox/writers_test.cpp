#include "spool/inbox/writers.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::TempDir;

struct WritersTest : ::testing::Test {
    TempDir inbox;
    Path path = inbox.write("a.jsonl", "{}\n");

    Result<Writers> look() const {
        const std::vector<Candidate> candidates{look_at(inbox.path(), "a.jsonl").value().value()};
        return look_for_writers(inbox.path(), candidates).front();
    }
};

TEST_F(WritersTest, AreNoneWhereTheFileIsClosed) {
    EXPECT_EQ(look().value(), Writers::none);
    const auto reader = open_file(path, O_RDONLY);
    EXPECT_EQ(look().value(), Writers::none) << "a reader is in nobody's way";
}

TEST_F(WritersTest, AreSeenWhileTheyHaveTheFileOpen) {
    auto first = open_file(path, O_WRONLY | O_APPEND).value();
    auto second = open_file(path, O_WRONLY | O_APPEND).value();
    EXPECT_EQ(look().value(), Writers::some);
    first.reset();
    EXPECT_EQ(look().value(), Writers::some) << "the second one has not finished";
    second.reset();
    EXPECT_EQ(look().value(), Writers::none);
}

TEST_F(WritersTest, AreSeenThroughAnotherNameOfTheFile) {
    std::filesystem::create_hard_link(path, inbox.path() / "other");
    const auto writer = open_file(inbox.path() / "other", O_WRONLY);
    EXPECT_EQ(look().value(), Writers::some);
}

TEST_F(WritersTest, MayOpenTheFileRightAfterwards) {
    const auto reader = open_file(path, O_RDONLY).value();
    ASSERT_EQ(writers_of(reader.get()), Writers::none);
    EXPECT_TRUE(open_file(path, O_WRONLY | O_NONBLOCK)) << "the lease is given back";
}

TEST_F(WritersTest, OfSomebodyElsesFileAreNotToldToWhoHasNoCapability) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to become somebody else";
    const auto writer = open_file(path, O_WRONLY).value();
    const auto reader = open_file(path, O_RDONLY).value();
    constexpr uid_t kNobody = 65534;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {  // with the user go the capabilities
        if (::setresuid(kNobody, kNobody, kNobody) != 0) ::_exit(255);
        ::_exit(static_cast<int>(writers_of(reader.get())));
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), static_cast<int>(Writers::forbidden));
}

TEST_F(WritersTest, OfAFileThatIsAnotherByNowAreNotLookedFor) {
    const Candidate candidate = look_at(inbox.path(), "a.jsonl").value().value();
    ASSERT_TRUE(rename_file(inbox.write("other", "second"), path));
    const std::vector<Candidate> candidates{candidate, {"gone.jsonl", {1, 2}, {}}};
    const auto found = look_for_writers(inbox.path(), candidates);
    EXPECT_EQ(found[0].error().code, Errc::changed);
    EXPECT_EQ(found[1].error().code, Errc::not_found);
}

}  // namespace
}  // namespace batchd::spool
