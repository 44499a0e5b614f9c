#include "web/pages/jobs_page.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"

namespace batchd::web {
namespace {

using server::has;

report::Status with_jobs(std::size_t count, store::JobState state) {
    report::Status status;
    status.pid = 1;
    for (std::size_t i = 0; i < count; ++i) {
        store::JobOverview overview;
        overview.job.id = store::JobId{static_cast<std::int64_t>(100 - i)};
        overview.job.state = state;
        status.jobs.push_back(overview);
    }
    return status;
}

TEST(JobsPageTest, LeadsToOlderJobsFromTheLastOneThatHasEnded) {
    EXPECT_TRUE(has(jobs_table(with_jobs(50, store::JobState::done), {}).str(), "before=51\">Older jobs"));
    EXPECT_FALSE(has(jobs_table(with_jobs(49, store::JobState::done), {}).str(), "Older jobs"));
}

TEST(JobsPageTest, LeadsToTheRestWhereOpenJobsFillIt) {
    report::Status status = with_jobs(50, store::JobState::running);
    const std::string full = jobs_table(status, {.queue = "nightly"}).str();
    EXPECT_TRUE(has(full, "href=\"/?queue=nightly&amp;state=ended&amp;q=\">Jobs that have ended")) << full;
    EXPECT_FALSE(has(full, "all of them"));
    status.has_more_open = true;
    status.totals = {.running_jobs = 100'000};
    const std::string cut = jobs_table(status, {}).str();
    EXPECT_TRUE(has(cut, "Only 50 of the jobs that have not ended are here: ")) << cut;
    EXPECT_TRUE(has(cut, "href=\"/?queue=&amp;state=open&amp;q=\">all of them"));
    EXPECT_TRUE(has(cut, "100,000 jobs running"));
    const std::string open = jobs_table(status, {.state = "open"}).str();
    EXPECT_TRUE(has(open, "state=open&amp;q=&amp;before=51\">Older jobs")) << open;
}

TEST(JobsPageTest, RowsStayTheSameElements) {
    EXPECT_TRUE(has(jobs_table(with_jobs(1, store::JobState::done), {}).str(), "<tr id=\"job-100\">"));
}

}  // namespace
}  // namespace batchd::web
