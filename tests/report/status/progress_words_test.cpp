#include "report/status/progress_words.hpp"

#include <gtest/gtest.h>

namespace batchd::report {
namespace {

using namespace std::chrono_literals;
using store::JobState;

const TimePoint kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

store::JobOverview running(std::uint64_t done, std::uint64_t total) {
    store::JobOverview job;
    job.job.state = JobState::running;
    job.job.requests = total;
    job.done = done;
    job.in_flight = 1;
    job.submitted_at = kNow - 10min;
    job.expires_at = kNow + 23h;
    return job;
}

TEST(TimeLeftTest, FollowsThePaceSoFar) {
    EXPECT_EQ(time_left(running(25, 100), kNow), Millis(30min));
    EXPECT_EQ(time_left_words(running(25, 100), kNow), "~30m");
}

TEST(TimeLeftTest, IsAtMostTheProvidersWhileNothingIsDone) {
    EXPECT_FALSE(time_left(running(0, 100), kNow));
    EXPECT_EQ(time_left_words(running(0, 100), kNow), "<23h");
}

TEST(TimeLeftTest, LeavesOutWhatWasDoneByEarlierBatches) {
    auto job = running(75, 100);
    job.job.succeeded = 50;
    EXPECT_EQ(time_left(job, kNow), Millis(10min));
}

TEST(TimeLeftTest, IsNotKnownOfAJobThatHasNothingAtTheProvider) {
    auto job = running(25, 100);
    job.in_flight = 0;
    EXPECT_EQ(time_left_words(job, kNow), "");
    job = running(25, 100);
    job.job.state = JobState::done;
    EXPECT_FALSE(time_left(job, kNow));
}

TEST(ProgressBarTest, IsFullOnlyWhenAllWasAnswered) {
    EXPECT_EQ(progress_bar(0, 0, 0), "[----------]");
    EXPECT_EQ(progress_bar(999, 0, 1000), "[#########-]");
    EXPECT_EQ(progress_bar(1000, 0, 1000), "[##########]");
    EXPECT_EQ(progress_bar(2000, 0, 1000), "[##########]") << "providers miscount";
    EXPECT_EQ(percent(999, 1000), "99%");
    EXPECT_EQ(percent(0, 0), "");
}

TEST(ProgressBarTest, ShowsWhatFailedApart) {
    EXPECT_EQ(progress_bar(6, 4, 10), "[######xxxx]");
    EXPECT_EQ(progress_bar(3, 2, 10), "[###xx-----]");
    EXPECT_EQ(progress_bar(0, 10, 10), "[xxxxxxxxxx]");
    EXPECT_EQ(progress_bar(9999, 1, 10000), "[#########x]") << "a single one is seen as well";
    EXPECT_EQ(progress_bar(10, 5, 10), "[##########]") << "providers miscount";
}

TEST(ProgressBarTest, WhatFailedWasNotAnswered) {
    store::JobOverview job = running(10, 10);
    job.failed = 4;
    EXPECT_EQ(answered(job), 6U);
    job.failed = 40;
    EXPECT_EQ(answered(job), 0U);
}

TEST(WaitsForTest, SaysWhatIsNextAndWhatIsInTheWay) {
    auto job = running(0, 100);
    job.to_submit = 2;
    EXPECT_EQ(waits_for(job), "2 to submit, 1 at the provider");
    job.trouble = "upload: 429 slow\ndown";
    EXPECT_EQ(waits_for(job), "2 to submit, 1 at the provider; upload: 429 slow\\x0adown");
    job.job.cancel_asked_at = kNow;
    EXPECT_TRUE(waits_for(job).starts_with("being cancelled: "));
    job = running(100, 100);
    job.in_flight = 0;
    EXPECT_EQ(waits_for(job), "answers are being fetched");
    job.job.state = JobState::failed;
    job.job.reason = "the provider would not have it";
    EXPECT_EQ(waits_for(job), "the provider would not have it");
    job.job.delivered_to = "/spool/outbox/a";
    EXPECT_EQ(waits_for(job), "the provider would not have it; /spool/outbox/a");
    job.job.state = JobState::done;
    job.job.reason = "";
    EXPECT_EQ(waits_for(job), "/spool/outbox/a");
}

TEST(RoughDurationTest, HasTwoUnitsAtMost) {
    EXPECT_EQ(rough_duration(0s), "0s");
    EXPECT_EQ(rough_duration(-5s), "0s");
    EXPECT_EQ(rough_duration(59s), "59s");
    EXPECT_EQ(rough_duration(61s), "1m");
    EXPECT_EQ(rough_duration(3h + 20min), "3h 20m");
    EXPECT_EQ(rough_duration(24h), "1d");
    EXPECT_EQ(rough_duration(50h + 59min), "2d 2h");
}

}  // namespace
}  // namespace batchd::report
