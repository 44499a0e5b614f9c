#include "spool/claim.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/hostile_names.hpp"
#include "spool/move_file.hpp"
#include "spool/other_file_system.hpp"
#include "spool/set_aside.hpp"
#include "support/temp_dir.hpp"
#include "support/without_root.hpp"

namespace batchd::spool {
namespace {

using testing::OtherFileSystem;
using testing::slurp;
using testing::TempDir;

struct ClaimTest : ::testing::Test {
    TempDir inbox;
    TempDir state;
    Path destination = state.path() / "work/key/input.jsonl";

    Candidate drop(const std::string& name, std::string_view content) {
        inbox.write(name, content);
        return look_at(inbox.path(), name).value().value();
    }
    Result<Claimed> claim(const Candidate& candidate, const Path& to) const {
        return claim_file(inbox.path(), {candidate.name, candidate.id, candidate.stamp, to});
    }
    Result<Claimed> resume(const std::string& name, const FileId& id, const Path& to) const {
        return claim_file(inbox.path(), {name, id, std::nullopt, to});
    }
    Path in_inbox(const std::string& name) const { return inbox.path() / name; }
};

TEST_F(ClaimTest, TakesTheFileOutOfTheInbox) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    const auto claimed = claim(candidate, destination);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->how, ClaimedBy::rename);
    EXPECT_TRUE(same_content(claimed->stamp, candidate.stamp));
    EXPECT_EQ(slurp(destination), "{}\n");
    EXPECT_TRUE(std::filesystem::is_empty(inbox.path()));
}

TEST_F(ClaimTest, TakesNamesOfAnyBytes) {
    for (const std::string& name : testing::hostile_names()) {
        const Candidate candidate = drop(name + ".jsonl", name);
        ASSERT_TRUE(claim(candidate, destination)) << name;
        EXPECT_EQ(slurp(destination), name);
        ASSERT_TRUE(remove_file(destination));
    }
}

TEST_F(ClaimTest, RefusesAnotherFileOfTheSameName) {
    const Candidate candidate = drop("a.jsonl", "first");
    ASSERT_TRUE(rename_file(inbox.write("other", "second"), in_inbox("a.jsonl")));
    const auto claimed = claim(candidate, destination);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error().code, Errc::changed);
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "second");
    EXPECT_FALSE(file_exists(destination).value());
}

TEST_F(ClaimTest, RefusesAFileThatWasWrittenToSinceItWasLookedAt) {
    const Candidate candidate = drop("a.jsonl", "first");
    inbox.write("a.jsonl", "first and more");
    const auto claimed = claim(candidate, destination);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error().code, Errc::changed);
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "first and more");
}

TEST_F(ClaimTest, DoesNotFollowALinkThatTookTheNameMeanwhile) {
    const Candidate candidate = drop("a.jsonl", "{}");
    const Path target = state.write("secret", "secret");
    ASSERT_TRUE(remove_file(in_inbox("a.jsonl")));
    ASSERT_EQ(::symlink(target.c_str(), in_inbox("a.jsonl").c_str()), 0);
    const auto claimed = claim(candidate, destination);
    ASSERT_FALSE(claimed);
    EXPECT_EQ(claimed.error().code, Errc::not_found);
    EXPECT_EQ(slurp(target), "secret");
}

TEST_F(ClaimTest, DoesNotHangOnAFifoThatTookTheNameMeanwhile) {
    const Candidate candidate = drop("a.jsonl", "{}");
    ASSERT_TRUE(remove_file(in_inbox("a.jsonl")));
    ASSERT_EQ(::mkfifo(in_inbox("a.jsonl").c_str(), 0600), 0);
    EXPECT_EQ(claim(candidate, destination).error().code, Errc::not_found);
}

TEST_F(ClaimTest, SaysThatAFileIsGone) {
    const Candidate candidate = drop("a.jsonl", "{}");
    ASSERT_TRUE(remove_file(in_inbox("a.jsonl")));
    EXPECT_EQ(claim(candidate, destination).error().code, Errc::not_found);
}

TEST_F(ClaimTest, LeavesAFileThatMayNotBeRead) {
    drop("a.jsonl", "{}");
    ASSERT_EQ(::chmod(in_inbox("a.jsonl").c_str(), 0), 0);
    const testing::WithoutRoot nobody({inbox.path(), state.path()});
    const Candidate candidate = look_at(inbox.path(), "a.jsonl").value().value();
    EXPECT_EQ(claim(candidate, destination).error().code, boost::system::errc::permission_denied);
    EXPECT_TRUE(file_exists(in_inbox("a.jsonl")).value());
}

TEST_F(ClaimTest, LeavesAFileThatCanNotBeMoved) {
    const Candidate candidate = drop("a.jsonl", "{}");
    state.write("work", "a file where the work directory should be");
    EXPECT_FALSE(claim(candidate, destination));
    EXPECT_TRUE(file_exists(in_inbox("a.jsonl")).value());
}

TEST_F(ClaimTest, IsFinishedWhenTheCrashCameAfterTheRename) {
    const Candidate candidate = drop("a.jsonl", "{}");
    ASSERT_TRUE(claim(candidate, destination));
    const auto resumed = resume(candidate.name, candidate.id, destination);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->how, ClaimedBy::earlier_run);
    EXPECT_EQ(slurp(destination), "{}");
}

TEST_F(ClaimTest, IsFinishedEvenWhenTheInboxIsGoneByNow) {
    const Candidate candidate = drop("a.jsonl", "{}");
    ASSERT_TRUE(claim(candidate, destination));
    EXPECT_TRUE(claim_file("/nonexistent/inbox", {candidate.name, candidate.id, {}, destination}));
}

TEST_F(ClaimTest, GoesOnWhenTheCrashCameBeforeTheRename) {
    const Candidate candidate = drop("a.jsonl", "{}");
    const auto resumed = resume(candidate.name, candidate.id, destination);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->how, ClaimedBy::rename);
    EXPECT_EQ(slurp(destination), "{}");
}

TEST_F(ClaimTest, LeavesANewFileOfTheSameNameWhenItIsResumed) {
    const Candidate candidate = drop("a.jsonl", "first");
    ASSERT_TRUE(claim(candidate, destination));
    drop("a.jsonl", "second");
    const auto resumed = resume(candidate.name, candidate.id, destination);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->how, ClaimedBy::earlier_run);
    EXPECT_EQ(slurp(destination), "first");
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "second");
}

TEST_F(ClaimTest, SaysThatNeitherNameIsThere) {
    EXPECT_EQ(resume("a.jsonl", {1, 2}, destination).error().code, Errc::not_found);
}

TEST_F(ClaimTest, OfManyFilesEachHasItsOwnOutcome) {
    std::vector<Claim> claims;
    for (const char* const name : {"a", "b", "c"}) {
        const Candidate candidate = drop(std::string(name) + ".jsonl", name);
        claims.push_back(
            {candidate.name, candidate.id, candidate.stamp, state.path() / "work" / name / "input.jsonl"});
    }
    ASSERT_TRUE(remove_file(in_inbox("b.jsonl")));
    const auto results = claim_files(inbox.path(), claims);
    ASSERT_EQ(results.size(), 3U);
    EXPECT_TRUE(results[0]);
    EXPECT_EQ(results[1].error().code, Errc::not_found);
    EXPECT_TRUE(results[2]);
    EXPECT_EQ(slurp(claims[0].destination), "a");
    EXPECT_EQ(slurp(claims[2].destination), "c");
    EXPECT_TRUE(std::filesystem::is_empty(inbox.path()));
}

struct ClaimAcrossFileSystemsTest : ClaimTest {
    OtherFileSystem other{inbox.path()};
    static constexpr std::string_view kJobKey = "00000000-0000-4000-8000-000000000001";
    Path far = other.path() / "work" / kJobKey / "input.jsonl";
    Path aside = inbox.path() / ".a.00000000-0000-4000-8000-000000000001.taken";

    std::ptrdiff_t files_in_inbox() const {
        return std::distance(std::filesystem::directory_iterator(inbox.path()), {});
    }

    void SetUp() override {
        if (other.path().empty()) GTEST_SKIP() << "this machine has no second file system at /dev/shm";
    }
};

TEST_F(ClaimAcrossFileSystemsTest, CopiesTheFileAndSetsTheOriginalAside) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    const auto claimed = claim(candidate, far);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->how, ClaimedBy::copy);
    EXPECT_TRUE(same_content(claimed->stamp, candidate.stamp));
    EXPECT_EQ(slurp(far), "{}\n");
    EXPECT_EQ(slurp(aside), "{}\n") << "for whoever still writes to it";
    EXPECT_EQ(files_in_inbox(), 1);
    EXPECT_FALSE(file_exists(far.string() + ".tmp").value());
    ASSERT_TRUE(remove_set_aside(inbox.path(), "a", kJobKey));
    EXPECT_EQ(files_in_inbox(), 0);
}

TEST_F(ClaimAcrossFileSystemsTest, IsKnownFromOneThatSomebodyTookAwayWhileTheInboxIsNotThere) {
    const auto look = [&] {
        return look_for_set_aside(far.parent_path(), inbox.path(), "a", kJobKey).value();
    };
    EXPECT_EQ(look(), Aside::none);
    ASSERT_TRUE(claim(drop("a.jsonl", "{}\n"), far));
    EXPECT_EQ(look(), Aside::there);
    ASSERT_TRUE(rename_file(aside, inbox.path() / "kept"));
    EXPECT_EQ(look(), Aside::removed);
    EXPECT_EQ(look_for_set_aside(far.parent_path(), other.path(), "a", kJobKey).value(), Aside::away);
    EXPECT_EQ(look_for_set_aside(far.parent_path(), "/nowhere", "a", kJobKey).value(), Aside::away);
}

TEST_F(ClaimAcrossFileSystemsTest, OfTwoDaemonsOneGetsTheFile) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    ASSERT_TRUE(claim(candidate, far));
    const Path theirs = other.path() / "theirs/00000000-0000-4000-8000-000000000002/input.jsonl";
    EXPECT_EQ(claim(candidate, theirs).error().code, Errc::not_found);
    EXPECT_EQ(resume(candidate.name, candidate.id, theirs).error().code, Errc::not_found);
    EXPECT_FALSE(file_exists(theirs).value());
}

TEST_F(ClaimAcrossFileSystemsTest, IsFinishedWhenTheCrashCameBehindTheCopy) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    ASSERT_TRUE(claim(candidate, far));
    const auto resumed = resume(candidate.name, candidate.id, far);
    ASSERT_TRUE(resumed);
    EXPECT_EQ(resumed->how, ClaimedBy::earlier_run);
    EXPECT_EQ(slurp(far), "{}\n");
}

TEST_F(ClaimAcrossFileSystemsTest, CopiesAgainWhenTheCrashCameInTheMiddle) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    ASSERT_TRUE(make_directory(far.parent_path()));
    ASSERT_TRUE(rename_file(in_inbox("a.jsonl"), aside));
    const auto half = open_file(far.string() + ".tmp", O_WRONLY | O_CREAT);
    ASSERT_TRUE(write_all(half->get(), "{ and much more than there is in the file"));
    ASSERT_TRUE(resume(candidate.name, candidate.id, far));
    EXPECT_EQ(slurp(far), "{}\n");
}

TEST_F(ClaimAcrossFileSystemsTest, LeavesANewFileOfTheSameNameWhenItIsResumed) {
    const Candidate candidate = drop("a.jsonl", "first");
    ASSERT_TRUE(rename_file(in_inbox("a.jsonl"), aside));
    drop("a.jsonl", "second");
    ASSERT_TRUE(resume(candidate.name, candidate.id, far));
    EXPECT_EQ(slurp(far), "first");
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "second");
}

TEST_F(ClaimAcrossFileSystemsTest, CopiesAgainWhatAnEarlierVersionHadCopiedAndNotRemoved) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    ASSERT_TRUE(make_directory(far.parent_path()));
    const auto fd = open_file(in_inbox("a.jsonl"), O_RDONLY);
    ASSERT_TRUE(copy_durably(fd->get(), far));
    inbox.write("a.jsonl", "{}\n{}\n");
    ASSERT_TRUE(resume(candidate.name, candidate.id, far));
    EXPECT_EQ(slurp(far), "{}\n{}\n");
    EXPECT_FALSE(file_exists(in_inbox("a.jsonl")).value());
}

TEST_F(ClaimAcrossFileSystemsTest, GivesTheFileItsNameBackWhenItCanNotBeCopied) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    ASSERT_TRUE(make_directory(far.parent_path() / "input.jsonl.tmp"));
    EXPECT_FALSE(claim(candidate, far));
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "{}\n");
    EXPECT_EQ(files_in_inbox(), 1);
    EXPECT_FALSE(is_taken(inbox.path(), {candidate.name, candidate.id, {}, far}).value());
}

TEST_F(ClaimAcrossFileSystemsTest, LeavesNoSecondCopyWhenTheOriginalCanNotBeMoved) {
    const Candidate candidate = drop("a.jsonl", "{}\n");
    const testing::WithoutRoot nobody({inbox.path(), other.path(), in_inbox("a.jsonl")});
    ASSERT_EQ(::chmod(inbox.path().c_str(), 0500), 0);
    EXPECT_FALSE(claim(candidate, far));
    EXPECT_FALSE(file_exists(far).value());
    ASSERT_EQ(::chmod(inbox.path().c_str(), 0700), 0);
    EXPECT_EQ(slurp(in_inbox("a.jsonl")), "{}\n");
}

}  // namespace
}  // namespace batchd::spool
