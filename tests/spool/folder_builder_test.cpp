#include "spool/folder_builder.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool/hostile_names.hpp"
#include "spool/layout.hpp"
#include "spool/other_file_system.hpp"
#include "support/temp_dir.hpp"

namespace batchd::spool {
namespace {

using testing::OtherFileSystem;
using testing::slurp;
using testing::TempDir;

constexpr std::string_view kKey = "0b5a3d52-5f0e-4c1e-9d5b-0e6f4b8f7a11";
constexpr std::string_view kOtherKey = "5d1c1a50-0a3f-4f57-8b0f-2b6a2c9e8d42";

struct FolderBuilderTest : ::testing::Test {
    TempDir work;
    TempDir dir;
    Path outbox = dir.path() / "outbox";

    FolderBuilder build(const std::string& name, std::string_view key = kKey) {
        return FolderBuilder::create(outbox, name, key).value();
    }
    static void add(const FolderBuilder& builder, const char* name, std::string_view content) {
        ASSERT_TRUE(replace_file(builder.path() / name, content));
    }
    Path hidden(const std::string& name) const { return outbox / building_name(name, kKey); }
    std::size_t entries() const {
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(outbox), {}));
    }
};

TEST_F(FolderBuilderTest, ShowsTheFolderOnlyWhenItIsWhole) {
    auto builder = build("articles");
    add(builder, "output.jsonl", "{}\n");
    EXPECT_FALSE(file_exists(outbox / "articles").value());
    EXPECT_TRUE(std::filesystem::is_directory(hidden("articles")));
    EXPECT_EQ(builder.publish().value(), "articles");
    EXPECT_EQ(slurp(outbox / "articles/output.jsonl"), "{}\n");
    EXPECT_EQ(entries(), 1U);
}

TEST_F(FolderBuilderTest, NeverReplacesAnEarlierFolder) {
    for (const char* expected : {"articles", "articles.2", "articles.3"}) {
        auto builder = build("articles");
        add(builder, "job.json", expected);
        EXPECT_EQ(builder.publish().value(), expected);
    }
    EXPECT_EQ(slurp(outbox / "articles/job.json"), "articles");
    EXPECT_EQ(slurp(outbox / "articles.3/job.json"), "articles.3");
}

TEST_F(FolderBuilderTest, DoesNotTakeANameThatIsReserved) {
    EXPECT_EQ(build("nightly").publish({"nightly"}).value(), "nightly.2");
    EXPECT_EQ(build("a").publish({"a", "a.2"}).value(), "a.3");
    EXPECT_EQ(build("b").publish({"a"}).value(), "b");
}

TEST_F(FolderBuilderTest, DoesNotReplaceAFileOfTheSameName) {
    ASSERT_TRUE(make_directory(outbox));
    ASSERT_TRUE(replace_file(outbox / "articles", "somebody's notes"));
    EXPECT_EQ(build("articles").publish().value(), "articles.2");
    EXPECT_EQ(slurp(outbox / "articles"), "somebody's notes");
}

TEST_F(FolderBuilderTest, PublishesNamesOfAnyBytes) {
    for (const std::string& name : testing::hostile_names()) {
        EXPECT_EQ(build(name).publish().value(), name);
        EXPECT_EQ(build(name, kOtherKey).publish().value(), name + ".2");
    }
}

TEST_F(FolderBuilderTest, PublishesTwoFoldersOfTheLongestName) {
    const std::string name(255, 'n');
    EXPECT_EQ(build(name).publish().value(), name);
    EXPECT_EQ(build(name).publish().value(), std::string(253, 'n') + ".2");
}

TEST_F(FolderBuilderTest, TakesTheInputFile) {
    auto builder = build("articles");
    const Path input = work.write("input.jsonl", "{}\n");
    ASSERT_TRUE(builder.take_input(input));
    EXPECT_FALSE(file_exists(input).value());
    EXPECT_EQ(slurp(builder.path() / "input.jsonl"), "{}\n");
}

TEST_F(FolderBuilderTest, TakesTheInputFileFromAnotherFileSystem) {
    const OtherFileSystem other(outbox.parent_path());
    if (other.path().empty()) GTEST_SKIP() << "this machine has no second file system at /dev/shm";
    ASSERT_TRUE(replace_file(other.path() / "input.jsonl", "{}\n"));
    auto builder = build("articles");
    ASSERT_TRUE(builder.take_input(other.path() / "input.jsonl"));
    EXPECT_FALSE(file_exists(other.path() / "input.jsonl").value());
    EXPECT_EQ(slurp(builder.path() / "input.jsonl"), "{}\n");
}

TEST_F(FolderBuilderTest, SaysThatTheInputFileIsInNeitherPlace) {
    EXPECT_EQ(build("articles").take_input(work.path() / "input.jsonl").error().code, Errc::not_found);
}

TEST_F(FolderBuilderTest, KeepsTheInputFileOfACrashedRunAndNothingElse) {
    const Path input = work.write("input.jsonl", "the only copy");
    {
        auto crashed = build("articles");
        ASSERT_TRUE(crashed.take_input(input));
        add(crashed, "output.jsonl", "half of it");
        ASSERT_TRUE(make_directory(crashed.path() / "folder/in/it"));
    }
    auto builder = build("articles");
    EXPECT_FALSE(file_exists(builder.path() / "output.jsonl").value());
    EXPECT_FALSE(file_exists(builder.path() / "folder").value());
    ASSERT_TRUE(builder.take_input(input));
    EXPECT_EQ(builder.publish().value(), "articles");
    EXPECT_EQ(slurp(outbox / "articles/input.jsonl"), "the only copy");
}

TEST_F(FolderBuilderTest, TakesTheInputFileAgainWhenBothCopiesAreThere) {
    const Path input = work.write("input.jsonl", "whole");
    auto builder = build("articles");
    add(builder, "input.jsonl", "whole");
    ASSERT_TRUE(builder.take_input(input));
    EXPECT_FALSE(file_exists(input).value());
    EXPECT_EQ(slurp(builder.path() / "input.jsonl"), "whole");
}

TEST_F(FolderBuilderTest, LeavesTheUnfinishedFolderOfAnotherJob) {
    auto other = build("articles", kOtherKey);
    add(other, "output.jsonl", "theirs");
    EXPECT_EQ(build("articles").publish().value(), "articles");
    EXPECT_EQ(slurp(other.path() / "output.jsonl"), "theirs");
}

TEST_F(FolderBuilderTest, TakesTheStartOfAnInputFileThatHasGrown) {
    const Path input = work.write("input.jsonl", "{}\nmore\n");
    auto builder = build("articles");
    ASSERT_TRUE(builder.take_start_of_input(input, 3));
    EXPECT_FALSE(file_exists(input).value());
    EXPECT_EQ(slurp(builder.path() / "input.jsonl"), "{}\n");
    ASSERT_TRUE(builder.take_start_of_input(input, 3)) << "an earlier run did it";
}

TEST_F(FolderBuilderTest, DoesNotFollowALinkThatStandsInItsPlace) {
    ASSERT_TRUE(make_directory(dir.path() / "theirs"));
    dir.write("theirs/precious", "theirs");
    ASSERT_TRUE(make_directory(outbox));
    std::filesystem::create_directory_symlink(dir.path() / "theirs", hidden("articles"));
    auto builder = build("articles");
    add(builder, "output.jsonl", "ours");
    EXPECT_EQ(builder.publish().value(), "articles");
    EXPECT_EQ(slurp(dir.path() / "theirs/precious"), "theirs");
    EXPECT_FALSE(file_exists(dir.path() / "theirs/output.jsonl").value());
    EXPECT_TRUE(std::filesystem::is_directory(std::filesystem::symlink_status(outbox / "articles")));
}

TEST_F(FolderBuilderTest, WritesToItsOwnFolderWhateverTakesItsNameMeanwhile) {
    ASSERT_TRUE(make_directory(dir.path() / "theirs"));
    dir.write("theirs/precious", "theirs");
    auto builder = build("articles");
    ASSERT_TRUE(rename_file(hidden("articles"), outbox / "aside"));
    std::filesystem::create_directory_symlink(dir.path() / "theirs", hidden("articles"));
    add(builder, "output.jsonl", "ours");
    EXPECT_FALSE(file_exists(dir.path() / "theirs/output.jsonl").value());
    EXPECT_EQ(builder.publish().error().code, Errc::changed);
}

TEST_F(FolderBuilderTest, FollowsALinkToItsParentWhereWeHaveMadeIt) {
    ASSERT_TRUE(make_directory(dir.path() / "elsewhere"));
    std::filesystem::create_directory_symlink(dir.path() / "elsewhere", outbox);
    EXPECT_EQ(build("articles").publish().value(), "articles");
    EXPECT_TRUE(std::filesystem::is_directory(dir.path() / "elsewhere/articles"));
}

TEST_F(FolderBuilderTest, RefusesSomebodyElsesLinkToItsParent) {
    for (const char* target : {"elsewhere", "nothing"}) {
        ASSERT_TRUE(make_directory(dir.path() / "elsewhere"));
        std::filesystem::create_directory_symlink(dir.path() / target, outbox);
        if (::lchown(outbox.c_str(), 12345, 12345) != 0)
            GTEST_SKIP() << "only root can make somebody else's link";
        const auto refused = FolderBuilder::create(outbox, "articles", kKey);
        ASSERT_FALSE(refused);
        EXPECT_NE(to_string(refused.error()).find(outbox.string() + ", a link that somebody else has made"),
                  std::string::npos)
            << to_string(refused.error());
        EXPECT_TRUE(std::filesystem::is_empty(dir.path() / "elsewhere"));
        ASSERT_TRUE(remove_file(outbox));
    }
}

TEST_F(FolderBuilderTest, StaysInTheParentThatItOpenedWhateverTakesItsNameMeanwhile) {
    ASSERT_TRUE(make_directory(dir.path() / "elsewhere"));
    auto builder = build("articles");
    add(builder, "output.jsonl", "ours");
    ASSERT_TRUE(rename_file(outbox, dir.path() / "aside"));
    std::filesystem::create_directory_symlink(dir.path() / "elsewhere", outbox);
    const auto published = builder.publish();
    ASSERT_FALSE(published) << "nobody would find it where it is said to be";
    EXPECT_EQ(to_string(published.error()).find("/proc/"), std::string::npos) << to_string(published.error());
    EXPECT_TRUE(std::filesystem::is_empty(dir.path() / "elsewhere"));
    ASSERT_TRUE(remove_file(outbox));
    ASSERT_TRUE(rename_file(dir.path() / "aside", outbox));
    EXPECT_EQ(build("articles").publish().value(), "articles") << "gone on with as after a crash";
}

TEST_F(FolderBuilderTest, NamesItsParentInErrors) {
    ASSERT_TRUE(make_directory(outbox));
    ASSERT_TRUE(replace_file(hidden("articles"), "in the way"));
    const auto refused = FolderBuilder::create(outbox, "articles", kKey);
    ASSERT_FALSE(refused);
    EXPECT_NE(to_string(refused.error()).find(hidden("articles").string()), std::string::npos)
        << to_string(refused.error());
}

TEST_F(FolderBuilderTest, LeavesSomebodyElsesFolderAsItIs) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives folders to others";
    ASSERT_TRUE(make_directory(hidden("articles")));
    ASSERT_TRUE(replace_file(hidden("articles") / "precious", "theirs"));
    ASSERT_EQ(::chown(hidden("articles").c_str(), 65534, 65534), 0);
    EXPECT_EQ(FolderBuilder::create(outbox, "articles", kKey).error().code, Errc::bad_input);
    EXPECT_EQ(slurp(hidden("articles") / "precious"), "theirs");
}

TEST_F(FolderBuilderTest, GivesWhatWasMovedInToTheGroupThatAFolderHandsOn) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root gives files to any group";
    ASSERT_TRUE(make_directory(outbox));
    ASSERT_EQ(::chown(outbox.c_str(), 0, 65534), 0);
    ASSERT_EQ(::chmod(outbox.c_str(), 02775), 0);
    auto builder = build("articles");
    const Path piece = work.write("piece", "{}\n");
    std::filesystem::create_hard_link(piece, builder.path() / "output.jsonl");
    ASSERT_EQ(builder.publish().value(), "articles");
    struct stat status{};
    ASSERT_EQ(::stat((outbox / "articles/output.jsonl").c_str(), &status), 0);
    EXPECT_EQ(status.st_gid, 65534U);
}

TEST_F(FolderBuilderTest, FindsANumberForANameThatWasUsedVeryOften) {
    constexpr std::uint64_t kUsed = 3'000;
    ASSERT_TRUE(make_directory(outbox));
    for (std::uint64_t number = 1; number <= kUsed; ++number)
        std::filesystem::create_directory(outbox / published_name("articles", number));
    EXPECT_EQ(build("articles").publish().value(), "articles.3001");
    std::filesystem::remove(outbox / "articles.2");
    EXPECT_EQ(build("articles").publish().value(), "articles.2");
}

TEST_F(FolderBuilderTest, NamesItsFolderInErrors) {
    auto builder = build("articles");
    ASSERT_TRUE(make_directory(builder.path() / "job.json"));
    const auto written = replace_file(builder.path() / "job.json", "{}");
    ASSERT_FALSE(written);
    EXPECT_NE(to_string(builder.named(written.error())).find(hidden("articles").string()), std::string::npos);
    EXPECT_EQ(to_string(builder.named(written.error())).find("/proc/"), std::string::npos);
}

TEST_F(FolderBuilderTest, ReportsAParentThatIsNoFolder) {
    dir.write("outbox", "a file");
    EXPECT_FALSE(FolderBuilder::create(outbox, "articles", kKey));
}

TEST_F(FolderBuilderTest, ReportsAFolderThatWasTakenAway) {
    auto builder = build("articles");
    ASSERT_TRUE(remove_tree(outbox));
    EXPECT_FALSE(builder.publish());
}

}  // namespace
}  // namespace batchd::spool
