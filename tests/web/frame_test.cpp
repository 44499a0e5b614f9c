#include "web/frame.hpp"

#include <gtest/gtest.h>

#include "server/client.hpp"

namespace batchd::web {
namespace {

using server::has;

store::BatchSubject batch(std::string id, std::vector<store::JobId> jobs, std::uint64_t jobs_total) {
    return {.batch_id = std::move(id), .jobs = std::move(jobs), .jobs_total = jobs_total};
}

report::Status running() {
    report::Status status;
    status.pid = 1;
    return status;
}

TEST(StripTest, SaysNothingWhereNothingIsWaitedFor) {
    EXPECT_EQ(strip_html(running()).str(), "");
}

TEST(StripTest, NamesTheBatchThatIsHeldAndItsJob) {
    report::Status status = running();
    status.conditions.push_back({.kind = "held", .about = "batch 7", .text = "put the key back"});
    status.subjects["batch 7"] = batch("batch_abc", {store::JobId{12}}, 1);
    EXPECT_TRUE(
        has(strip_html(status).str(),
            "<strong>held</strong>: batch batch_abc of <a href=\"/jobs/12\">job 12</a> put the key back"))
        << strip_html(status).str();
}

TEST(StripTest, NamesTheJobsThatShareABatch) {
    report::Status status = running();
    status.conditions.push_back({.kind = "held", .about = "batch 7", .text = "adopt or resend"});
    status.subjects["batch 7"] = batch("", {store::JobId{3}, store::JobId{4}, store::JobId{5}}, 12);
    const std::string html = strip_html(status).str();
    EXPECT_TRUE(has(html, "batch that is not made yet of <a href=\"/jobs/3\">job 3</a>, ")) << html;
    EXPECT_TRUE(has(html, "job 5</a> and 9 more jobs")) << html;
}

TEST(StripTest, SaysWhatElseAConditionIsAbout) {
    report::Status status = running();
    status.conditions.push_back({.kind = "waiting", .about = "outbox", .text = "no space left"});
    status.conditions.push_back(
        {.kind = "waiting", .about = "job 4", .text = "is read", .job = store::JobId{4}});
    status.conditions.push_back({.kind = "left_alone", .about = "no_jsonl", .text = "3 files"});
    const std::string html = strip_html(status).str();
    EXPECT_TRUE(has(html, "<strong>waiting</strong>: outbox no space left")) << html;
    EXPECT_TRUE(has(html, "<a href=\"/jobs/4\">job 4</a>"));
    EXPECT_FALSE(has(html, "no_jsonl")) << "a word for programs";
}

TEST(StripTest, SaysWhichBatchesAreOverdue) {
    report::Status status = running();
    status.overdue.push_back(batch("batch_late", {store::JobId{9}}, 1));
    status.overdue.back().expires_at = parse_utc_text("2026-11-27T12:00:00Z");
    status.overdue.back().overdue_at = parse_utc_text("2026-11-27T13:00:00Z");
    const std::string html = strip_html(status).str();
    EXPECT_TRUE(has(html, "<strong>overdue</strong>: batch batch_late of <a href=\"/jobs/9\">job 9</a>"))
        << html;
    EXPECT_TRUE(has(html, "should have ended <time datetime=\"2026-11-27T12:00:00Z\">"));
    EXPECT_TRUE(has(html, "since <time datetime=\"2026-11-27T13:00:00Z\">"));
}

TEST(StripTest, HasABound) {
    report::Status status = running();
    for (int i = 0; i < 5'000; ++i)
        status.conditions.push_back({.kind = "held", .about = "batch " + std::to_string(i), .text = "x"});
    const std::string html = strip_html(status).str();
    EXPECT_TRUE(has(html, "batch 49 x"));
    EXPECT_FALSE(has(html, "batch 50 x"));
    EXPECT_TRUE(has(html, "and more: "));
}

}  // namespace
}  // namespace batchd::web
