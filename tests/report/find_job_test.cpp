#include "report/find_job.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

struct FindJobTest : ::testing::Test {
    store::JobId add(const std::string& name, const std::string& state = "running",
                     const std::string& folder = "") {
        store::Job job;
        job.key = name + std::to_string(++keys);
        job.name = name;
        const auto id = store->jobs.add(job).value();
        store->database
            .run("UPDATE jobs SET state = ?, delivered_to = ? WHERE id = ?", state, store::OrNull{folder}, id)
            .value();
        return id;
    }
    static bool is_running(const store::Job& job) { return job.state == store::JobState::running; }
    store::JobId find(const std::string& word) { return find_job(*store, word, is_running).value().id; }
    std::string complaint(const std::string& word) {
        return to_string(find_job(*store, word, is_running).error());
    }

    int keys = 0;
    testing::TempDir dir;
    std::unique_ptr<store::Store> store =
        store::open_store(dir.path() / "batchd.db", store::OpenMode::read_write).value();
};

TEST_F(FindJobTest, ByNumberOrByName) {
    const auto a = add("a"), b = add("b\nc");
    EXPECT_EQ(find("1"), a);
    EXPECT_EQ(find("b\nc"), b);
}

TEST_F(FindJobTest, OfSeveralWithTheNameItIsTheOneThatSuits) {
    add("a", "done");
    const auto open = add("a");
    add("a", "failed");
    EXPECT_EQ(find("a"), open);
}

TEST_F(FindJobTest, WhereNoneSuitsItIsTheNewest) {
    add("a", "done");
    const auto newest = add("a", "done");
    EXPECT_EQ(find("a"), newest);
}

TEST_F(FindJobTest, WhereSeveralSuitItAsksForANumber) {
    add("a");
    add("a");
    EXPECT_NE(complaint("a").find("several jobs are called a: 1, 2; say which one by its number"),
              std::string::npos);
    EXPECT_EQ(find_newest_job(*store, "a").value().id, store::JobId{2});
}

TEST_F(FindJobTest, AlsoByTheFolderThatPeopleSee) {
    add("a", "done", "/spool/outbox/a");
    const auto second = add("a", "done", "/spool/outbox/a.2");
    EXPECT_EQ(find("a.2"), second);
}

TEST_F(FindJobTest, AsItWasDroppedOrByThePathOfItsFolder) {
    const auto first = add("a", "done", "/spool/outbox/a");
    const auto second = add("a", "done", "/spool/outbox/a.2");
    for (const char* word : {"/spool/outbox/a", "outbox/a", "a/", "outbox/a/output.jsonl", "a/job.json"})
        EXPECT_EQ(find(word), first) << word;
    for (const char* word : {"/spool/outbox/a.2", "/spool/outbox/a.2/", "a.2/", "outbox/a.2//"})
        EXPECT_EQ(find(word), second) << word;
    EXPECT_NE(complaint("b.jsonl/").find("there is no job b.jsonl/"), std::string::npos);
    EXPECT_EQ(find("a.jsonl"), second) << "the newest with the name";
    EXPECT_EQ(find("/spool/inbox/a.jsonl"), second);
}

TEST_F(FindJobTest, ANameThatEndsLikeAFileIsFoundBeforeTheOneWithoutTheEnding) {
    add("a");
    const auto literal = add("a.jsonl");
    EXPECT_EQ(find("a.jsonl"), literal);
}

TEST_F(FindJobTest, ANameOfDigitsIsFoundWhereThereIsNoSuchNumber) {
    const auto job = add("2026");
    EXPECT_EQ(find("2026"), job);
    EXPECT_NE(complaint("77").find("there is no job 77"), std::string::npos);
}

}  // namespace
}  // namespace batchd::report
