#include "store/query/event_log.hpp"

#include <gtest/gtest.h>

#include "store/query/find_dropped.hpp"
#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using namespace std::chrono_literals;

struct EventLogTest : ::testing::Test {
    JobId add_job(const std::string& name, std::uint64_t inode = 1) {
        Job job;
        job.key = name;
        job.name = name;
        job.created_at = at;
        job.device = 1;
        job.inode = inode;
        return store->jobs.add(job).value();
    }
    std::vector<std::string> kinds(std::int64_t after, std::optional<JobId> job, TimePoint since = {},
                                   std::size_t count_max = 100) {
        std::vector<std::string> found;
        for (const LoggedEvent& event : events_after(store->database, after, job, since, count_max).value())
            found.push_back(event.kind);
        return found;
    }
    using Kinds = std::vector<std::string>;

    testing::TempDir dir;
    std::unique_ptr<Store> store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    const TimePoint at = *parse_utc_text("2026-11-27T08:00:00Z");
};

TEST_F(EventLogTest, IsReadOnFromAnyPlaceForAJobOrForAll) {
    const JobId one = add_job("one"), two = add_job("two");
    ASSERT_TRUE(store->events.add(at, std::nullopt, "", "a", ""));
    ASSERT_TRUE(store->events.add(at + 1min, one, "batch_1", "b", "text", "alice"));
    ASSERT_TRUE(store->events.add(at + 2min, two, "", "c", ""));
    EXPECT_EQ(kinds(0, std::nullopt), (Kinds{"a", "b", "c"}));
    EXPECT_EQ(kinds(1, std::nullopt), (Kinds{"b", "c"}));
    EXPECT_EQ(kinds(0, std::nullopt, {}, 2), (Kinds{"a", "b"}));
    EXPECT_EQ(kinds(0, std::nullopt, at + 2min), Kinds{"c"});
    EXPECT_EQ(kinds(0, one), Kinds{"b"});
    EXPECT_EQ(newest_event(store->database).value(), 3);
    EXPECT_EQ(before_last_events(store->database, std::nullopt, 2).value(), 1);
    EXPECT_EQ(before_last_events(store->database, one, 10).value(), 1);

    const LoggedEvent event = events_after(store->database, 1, one, {}, 1).value().front();
    EXPECT_EQ(event.id, 2);
    EXPECT_EQ(event.at, at + 1min);
    EXPECT_EQ(event.job_id, one);
    EXPECT_EQ(event.job, "one");
    EXPECT_EQ(event.queue, "default");
    EXPECT_EQ(event.batch_id, "batch_1");
    EXPECT_EQ(event.user, "alice");
    EXPECT_EQ(event.detail, "text");
}

TEST_F(EventLogTest, TheQueueIsTheOneThatItIsAboutAsAWholeElseThatOfTheJob) {
    const JobId job = add_job("one");
    ASSERT_TRUE(store->events.add(at, std::nullopt, "", "queue_released", "5 requests", "", "nightly"));
    ASSERT_TRUE(store->events.add(at, job, "", "job_claimed", ""));
    ASSERT_TRUE(store->events.add(at, std::nullopt, "", "started", ""));
    std::vector<std::string> queues;
    for (const LoggedEvent& event : events_after(store->database, 0, std::nullopt, {}, 10).value())
        queues.push_back(event.queue);
    EXPECT_EQ(queues, (std::vector<std::string>{"nightly", "default", ""}));
}

TEST_F(EventLogTest, WithoutEventsThereIsNothingToSee) {
    EXPECT_EQ(kinds(0, std::nullopt), Kinds{});
    EXPECT_EQ(newest_event(store->database).value(), 0);
    EXPECT_EQ(before_last_events(store->database, std::nullopt, 10).value(), 0);
}

TEST_F(EventLogTest, AFileThatWasDroppedIsFoundByWhichFileItIs) {
    const JobId before = add_job("before", 7);
    const DroppedFile file{.device = 1, .inode = 8, .at = at, .newest = before};
    EXPECT_EQ(find_dropped(store->database, file).value(), std::nullopt);
    add_job("another", 9);
    const JobId ours = add_job("ours", 8);
    EXPECT_EQ(find_dropped(store->database, file).value(), std::nullopt)
        << "the claim may come to nothing yet";
    ASSERT_TRUE(store->events.add(at, ours, "", "job_claimed", ""));
    EXPECT_EQ(find_dropped(store->database, file).value(), ours);
}

TEST_F(EventLogTest, TheNumberOfAClaimThatCameToNothingIsNotGivenAgain) {
    add_job("before");
    const JobId undone = add_job("undone");
    ASSERT_TRUE(store->jobs.forget(undone));
    EXPECT_EQ(add_job("next").value, undone.value + 1);
}

TEST_F(EventLogTest, AnOlderJobOfTheSameInodeIsNotTheFile) {
    const JobId older = add_job("older", 8);
    add_job("newer", 9);
    EXPECT_EQ(
        find_dropped(store->database, {.device = 1, .inode = 8, .at = at, .newest = JobId{older.value + 1}})
            .value(),
        std::nullopt);
    EXPECT_EQ(
        find_dropped(store->database, {.device = 1, .inode = 8, .at = at + 1h, .newest = older}).value(),
        std::nullopt);
    EXPECT_EQ(find_dropped(store->database, {.device = 2, .inode = 8, .at = at, .newest = older}).value(),
              std::nullopt);
}

}  // namespace
}  // namespace batchd::store
