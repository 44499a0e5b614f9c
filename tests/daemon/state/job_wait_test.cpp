#include "daemon/state/job_wait.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd {
namespace {

using store::JobState;

struct JobWaitTest : ::testing::Test {
    store::JobId add(const std::string& name) {
        store::Job job;
        job.key = "key of " + name;
        job.name = name;
        return store->jobs.add(job).value();
    }
    void end(store::JobId id) {
        for (const JobState next : {JobState::planned, JobState::running, JobState::delivering})
            ASSERT_TRUE(store->jobs.change_state(id, next));
        ASSERT_TRUE(store->jobs.finish(id, JobState::done, "/outbox/it", {}));
    }

    testing::TempDir state;
    spool::Layout layout{state.path()};
    std::unique_ptr<store::Store> store =
        store::open_store(layout.database(), store::OpenMode::read_write).value();
    StateWatch watch{layout};
};

TEST_F(JobWaitTest, OneThatHasEndedAndIsForgottenMeanwhileHasEndedAllTheSame) {
    const auto first = add("first");
    const auto second = add("second");
    end(first);
    std::vector<std::string> told;
    const auto jobs = wait_for_end(watch, {first, second}, std::nullopt, [&](const store::Job& job) {
        told.push_back(job.name);
        if (job.id != first) return;
        ASSERT_TRUE(store->jobs.forget(first));
        end(second);
    });
    ASSERT_TRUE(jobs) << to_string(jobs.error());
    EXPECT_EQ(told, (std::vector<std::string>{"first", "second"}));
    EXPECT_EQ(verdict_on(*jobs), kExitFine);
}

TEST_F(JobWaitTest, OneThatWasNeverThereIsNamed) {
    const auto jobs = wait_for_end(watch, {store::JobId{7}}, std::nullopt, [](const store::Job&) {});
    ASSERT_FALSE(jobs);
    EXPECT_EQ(to_string(jobs.error()), "there is no job 7");
}

}  // namespace
}  // namespace batchd
