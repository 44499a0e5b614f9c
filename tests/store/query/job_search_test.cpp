#include "store/query/job_search.hpp"

#include <gtest/gtest.h>

#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

class JobSearchTest : public ::testing::Test {
protected:
    JobId add(const std::string& name, JobState state, const std::string& queue = "default") {
        Job job;
        job.key = "key-" + std::to_string(++keys_);
        job.name = name;
        job.state = state;
        job.queue = queue;
        job.requests = 10;
        if (is_final(state)) job.finished_at = TimePoint{};
        return store_->jobs.restore(job, std::nullopt).value();
    }

    /// The numbers of what is found, in its order.
    std::vector<std::int64_t> found(const JobSearch& search) {
        std::vector<std::int64_t> numbers;
        for (const JobOverview& job : search_jobs(store_->database, search).value().jobs)
            numbers.push_back(job.job.id.value);
        return numbers;
    }

    testing::TempDir directory_;
    std::unique_ptr<Store> store_ = open_store(directory_.path() / "batchd.db", OpenMode::read_write).value();
    int keys_ = 0;
};

using Numbers = std::vector<std::int64_t>;

TEST_F(JobSearchTest, ShowsTheNewestFirstAPageAtATime) {
    for (int i = 0; i < 5; ++i) add("n", JobState::done);
    EXPECT_EQ(found({.count_max = 2}), (Numbers{5, 4}));
    EXPECT_EQ(found({.before = 4, .count_max = 2}), (Numbers{3, 2}));
    EXPECT_EQ(found({.before = 1, .count_max = 2}), Numbers{});
    EXPECT_EQ(found({.count_max = 0}), Numbers{});
}

TEST_F(JobSearchTest, ChoosesByQueueStateAndText) {
    add("articles", JobState::done);
    add("Articles of May", JobState::running, "nightly");
    add("100%", JobState::failed);
    EXPECT_EQ(found({.queue = "nightly"}), Numbers{2});
    EXPECT_EQ(found({.state = "failed"}), Numbers{3});
    EXPECT_EQ(found({.state = "open"}), Numbers{2});
    EXPECT_EQ(found({.state = "ended"}), (Numbers{3, 1}));
    EXPECT_EQ(found({.text = "ARTICLE"}), (Numbers{2, 1}));
    EXPECT_EQ(found({.text = "3"}), Numbers{3});
    EXPECT_EQ(found({.text = "%"}), Numbers{3}) << "no pattern, but a text";
    EXPECT_EQ(found({.state = "no such state"}), Numbers{});
}

TEST_F(JobSearchTest, HasWhatHasNotEndedInFrontHoweverOldItIs) {
    add("runs since long", JobState::running);
    for (int i = 0; i < 5; ++i) add("n", JobState::done);
    add("waits", JobState::planned);
    add("is delivered", JobState::delivering);
    EXPECT_EQ(found({.count_max = 4}), (Numbers{8, 1, 7, 6}));
    EXPECT_EQ(found({.before = 6, .count_max = 4}), (Numbers{5, 4, 3, 2}))
        << "the next page has only ended ones";
    EXPECT_EQ(found({.text = "n", .count_max = 4}), (Numbers{1, 6, 5, 4})) << "\"runs\" has an n";
    EXPECT_EQ(found({.state = "open", .before = 8}), (Numbers{7, 1}));
}

TEST_F(JobSearchTest, SaysWhereMoreOpenOnesAreLeftOut) {
    for (int i = 0; i < 3; ++i) add("waits", JobState::planned);
    add("ended", JobState::done);
    const FoundJobs cut = search_jobs(store_->database, {.count_max = 50, .open_max = 2}).value();
    EXPECT_TRUE(cut.has_more_open);
    EXPECT_EQ(cut.jobs.size(), 3U);
    EXPECT_FALSE(search_jobs(store_->database, {.count_max = 50, .open_max = 3}).value().has_more_open);
    EXPECT_EQ(found({.count_max = 50, .ended_max = 0}), (Numbers{1, 2, 3}));
}

}  // namespace
}  // namespace batchd::store
