#include "report/find_job.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

struct FindJobTest : ::testing::Test {
    store::JobId add(const std::string& name, const std::string& state = "running",
                     const std::string& folder = "", const std::string& queue = "default") {
        store::Job job;
        job.key = name + std::to_string(++keys);
        job.name = name;
        job.queue = queue;
        const auto id = store->jobs.add(job).value();
        store->database
            .run("UPDATE jobs SET state = ?, delivered_to = ? WHERE id = ?", state, store::OrNull{folder}, id)
            .value();
        return id;
    }
    static bool is_running(const store::Job& job) { return job.state == store::JobState::running; }
    store::JobId find(const std::string& word) {
        return find_job(*store, settings, word, is_running).value().id;
    }
    std::string complaint(const std::string& word) {
        return to_string(find_job(*store, settings, word, is_running).error());
    }

    int keys = 0;
    config::Settings settings;
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
    EXPECT_EQ(find_newest_job(*store, settings, "a").value().id, store::JobId{2});
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

struct FindJobInQueueTest : FindJobTest {
    FindJobInQueueTest() {
        settings.spool.outbox = "/spool/outbox";
        settings.spool.inbox = "/spool/inbox";
        settings.queues["nightly"];
        settings.queues["b"];
    }
};

TEST_F(FindJobInQueueTest, APathThatNamesAQueueMeansAJobOfItAlsoBeforeItIsDelivered) {
    const auto ours = add("a", "running", "", "nightly");
    const auto plain = add("a", "running"), other = add("a", "running", "", "b");
    for (const char* word :
         {"nightly/a", "nightly/a.jsonl", "nightly/a/", "/spool/outbox/nightly/a",
          "/spool/inbox/nightly/a.jsonl", "inbox/nightly/a.jsonl", "nightly/a/output.jsonl"})
        EXPECT_EQ(find(word), ours) << word;
    for (const char* word : {"default/a", "/spool/outbox/a", "inbox/a.jsonl"})
        EXPECT_EQ(find(word), plain) << word;
    EXPECT_EQ(find("b/a"), other);
}

TEST_F(FindJobInQueueTest, AJobOfAnotherQueueIsNotTheOne) {
    add("a", "running", "", "nightly");
    for (const char* word : {"b/a", "b/a.jsonl", "/spool/outbox/b/a", "nobody/a"})
        EXPECT_NE(complaint(word).find("there is no job a"), std::string::npos) << complaint(word);
    EXPECT_NE(complaint("/spool/outbox/a").find("in the queue default"), std::string::npos);
    EXPECT_NE(complaint("default/a").find("in the queue default"), std::string::npos);
}

TEST_F(FindJobInQueueTest, AFileFromAnywhereIsKnownByItsName) {
    const auto job = add("a", "running", "", "nightly");
    for (const char* word :
         {"/home/alice/b/a.jsonl", "./b/a.jsonl", "data/a.jsonl", "/home/alice/inbox/a.jsonl"})
        EXPECT_EQ(find(word), job) << word;
}

TEST_F(FindJobInQueueTest, OfTwoWithTheNameInAQueueItIsTheOneThatSuits) {
    const auto first = add("a", "done", "/spool/outbox/nightly/a", "nightly");
    const auto second = add("a", "running", "", "nightly");
    EXPECT_EQ(find("nightly/a"), second);
    EXPECT_EQ(find("/spool/outbox/nightly/a"), first) << "the path of a folder is exact";
    EXPECT_EQ(find_newest_job(*store, settings, "nightly/a").value().id, first) << "as the folder is called";
}

TEST_F(FindJobInQueueTest, WhatIsLeftOfAQueueThatIsGoneIsFound) {
    const auto ended = add("a", "done", "/old/outbox/gone/a", "gone");
    const auto open = add("c", "running", "", "gone");
    EXPECT_EQ(find("gone/a"), ended);
    EXPECT_EQ(find("gone/c"), open);
    EXPECT_EQ(find("gone/c.jsonl"), open);
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
