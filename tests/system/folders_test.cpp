#include <sys/stat.h>
#include <unistd.h>

#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using FoldersTest = SystemTest;

TEST_F(FoldersTest, TheInboxMayBeDeletedAndMadeAgainWhileTheDaemonRuns) {
    bench.start();
    bench.drop("before", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    std::filesystem::remove_all(bench.inbox());
    ASSERT_TRUE(bench.wait_for_event("inbox_gone"));
    std::filesystem::create_directory(bench.inbox());
    bench.drop("after", articles(3));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("after").output_ids(), article_ids(3));
    EXPECT_TRUE(bench.database().has_event("inbox_back"));
}

TEST_F(FoldersTest, TheInboxMayBeReplacedByAnotherInOneStep) {
    bench.start();
    bench.drop("before", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const Path aside = bench.root() / "aside";
    std::filesystem::rename(bench.inbox(), aside);
    std::filesystem::create_directory(bench.inbox());
    bench.drop("after", articles(3));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("after").output_ids(), article_ids(3));
}

TEST_F(FoldersTest, TheOutboxMayBeOnAnotherFileSystem) {
    const Path memory = "/dev/shm";
    struct stat here{}, there{};
    if (stat(bench.root().c_str(), &here) != 0 || stat(memory.c_str(), &there) != 0 ||
        here.st_dev == there.st_dev || access(memory.c_str(), W_OK) != 0)
        GTEST_SKIP() << "there is no other file system to write to";
    bench.put_outbox(memory / bench.root().filename());
    bench.drop("articles", articles(5));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(FoldersTest, ALinkWhereTheFolderIsBuiltIsNotFollowed) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    const Path theirs = bench.root() / "theirs";
    std::filesystem::create_directory(theirs);
    ASSERT_TRUE(replace_file(theirs / "precious", "theirs"));
    bench.start();
    bench.drop("articles", articles(2));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    const std::string key = bench.database().value("SELECT key FROM jobs");
    std::filesystem::create_directory_symlink(theirs, bench.outbox() / (".articles." + key + ".partial"));
    bench.provider().advance_clock(std::chrono::hours(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(2));
    EXPECT_EQ(slurp(theirs / "precious"), "theirs");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(theirs), {}), 1);
}

TEST_F(FoldersTest, FilesThatWaitedWhileNoDaemonRanAreTakenAtTheStart) {
    bench.drop("one", articles(1));
    bench.drop("two", articles(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("two").output_ids(), article_ids(2));
}

TEST_F(FoldersTest, AnOutboxThatCannotBeWrittenKeepsTheJobUntilItCan) {
    std::filesystem::create_directories(bench.outbox().parent_path());
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    // A file in its place: unlike permissions, that stops root as well.
    std::filesystem::remove(bench.outbox());
    ASSERT_TRUE(replace_file(bench.outbox(), "not a directory"));
    bench.drop("articles", articles(5));
    ASSERT_TRUE(bench.wait_for_event("waiting", "outbox"));
    EXPECT_EQ(bench.job_state("articles"), "delivering");
    std::filesystem::remove(bench.outbox());
    std::filesystem::create_directory(bench.outbox());
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

}  // namespace
}  // namespace batchd::testing
