#include "web/pages/job_page.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"

namespace batchd::web {
namespace {

using namespace std::chrono_literals;
using server::has;

const TimePoint kNoon = *parse_utc_text("2026-11-27T12:00:00Z");

struct JobPageTest : ::testing::Test {
    JobPageTest() {
        status.now = kNoon;
        status.pid = 1;
        store::JobOverview overview;
        overview.job.id = store::JobId{12};
        overview.job.name = "articles";
        overview.job.state = store::JobState::running;
        overview.job.requests = 10;
        status.jobs.push_back(overview);
        status.details = report::Status::Details{};
    }

    store::Job& job() { return status.jobs.front().job; }
    store::Batch& add_batch() {
        store::Batch batch;
        batch.id = store::BatchRowId{7};
        batch.batch_id = "batch_abc";
        batch.phase = store::BatchPhase::watching;
        batch.status = "in_progress";
        batch.requests = 10;
        batch.submitted_at = kNoon - 25h;
        return status.details->batches.emplace_back(batch);
    }
    std::string page(const std::vector<JobFile>& files = {}) const {
        return job_page({}, status, files).str();
    }

    report::Status status;
};

TEST_F(JobPageTest, HasTokensAndMoneyOfTheJob) {
    job().input_tokens = 12'000;
    job().output_tokens = 900;
    job().spent = {.cached_tokens = 3'000,
                   .reasoning_tokens = 400,
                   .cost = 1'250'000'000,
                   .cost_sync = 2'750'000'000,
                   .unpriced = 2};
    const std::string html = page();
    EXPECT_TRUE(has(html, "12,000 tokens in (3,000 of them cached), 900 out (400 of them reasoning)"))
        << html;
    EXPECT_TRUE(has(html,
                    "Cost so far: <strong>1.25 USD</strong>; at the price without batches 2.75 USD, saved "
                    "1.50 USD; 2 answers could not be priced"))
        << html;
}

TEST_F(JobPageTest, APriceThatNobodyKnowsIsNotZero) {
    job().state = store::JobState::done;
    job().spent.unpriced = 10;
    store::Batch& batch = add_batch();
    batch.phase = store::BatchPhase::collected;
    batch.spent.unpriced = 10;
    const std::string html = page();
    EXPECT_TRUE(has(html, "Cost: <strong>unknown</strong>; 10 answers could not be priced")) << html;
    EXPECT_TRUE(has(html, "<td class=\"number\">unknown</td>"));
    EXPECT_FALSE(has(html, "0.00"));
    job().state = store::JobState::rejected;
    EXPECT_FALSE(has(page(), "Cost")) << "nothing was sent";
}

TEST_F(JobPageTest, HasTokensAndMoneyOfEachBatchOnceItIsCollected) {
    store::Batch& batch = add_batch();
    EXPECT_TRUE(has(page(), "<td>—</td><td>—</td>"));
    batch.phase = store::BatchPhase::collected;
    batch.input_tokens = 5'000;
    batch.output_tokens = 70;
    batch.spent.cost = 20'000'000;
    EXPECT_TRUE(has(page(), "<td>5,000 tokens in, 70 out</td><td class=\"number\">0.0200</td>")) << page();
}

TEST_F(JobPageTest, SaysUntilWhenABatchMayTakeAndThatItIsOverdue) {
    store::Batch& batch = add_batch();
    batch.expires_at = kNoon - 1h;
    EXPECT_TRUE(has(page(), "by <time datetime=\"2026-11-27T11:00:00Z\">"));
    EXPECT_FALSE(has(page(), "overdue"));
    batch.overdue_at = kNoon - 30min;
    EXPECT_TRUE(has(page(), "<strong>overdue</strong> since <time datetime=\"2026-11-27T11:30:00Z\">"))
        << page();
    batch.ended_at = kNoon;
    EXPECT_FALSE(has(page(), "overdue"));
}

TEST_F(JobPageTest, SaysThatOlderEventsAreLeftOut) {
    status.details->events.resize(kJobEventsShown - 1);
    EXPECT_FALSE(has(page(), "The last "));
    status.details->events.resize(kJobEventsShown);
    EXPECT_TRUE(has(page(), "The last 100 events"));
}

TEST_F(JobPageTest, ListensForChangesUntilItHasEnded) {
    EXPECT_TRUE(has(page(), "<div id=\"live\" hx-swap=\"innerMorph\" hx-sse:connect=\"/live?job=12\">"));
    job().state = store::JobState::done;
    EXPECT_FALSE(has(page(), "hx-sse:connect"));
}

TEST_F(JobPageTest, ChangesOfItselfInAllThatAnEndBrings) {
    const Frame frame{.form_token = "the token"};
    EXPECT_TRUE(has(job_live(frame, status, {}).str(), "Cancel the job"));
    job().state = store::JobState::done;
    job().failed = 3;
    status.details->errors = report::ErrorGroups{};
    status.details->errors->groups.push_back({.status_code = 400, .requests = 3});
    const std::string live = job_live(frame, status, {{"output.jsonl", 5}}).str();
    EXPECT_TRUE(has(live, "/jobs/12/files/output.jsonl"));
    EXPECT_TRUE(has(live, "Why requests failed"));
    EXPECT_TRUE(has(live, "Retry what failed"));
    EXPECT_TRUE(has(live, "value=\"the token\""));
    EXPECT_FALSE(has(live, "Cancel the job"));
}

}  // namespace
}  // namespace batchd::web
