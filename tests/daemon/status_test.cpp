#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "status_report.hpp"
#include "text_table.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;
using store::JobState;

const TimePoint kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

StatusReport report_of(std::string name) {
    StatusReport report;
    report.now = kMidnight;
    report.pid = 71;
    store::JobOverview job;
    job.job.id = store::JobId{3};
    job.job.name = std::move(name);
    job.job.state = JobState::running;
    job.job.requests = 1200;
    job.job.succeeded = 300;
    job.job.failed = 2;
    job.job.created_at = kMidnight - 2h;
    job.done = 600;
    job.in_flight = 2;
    job.submitted_at = kMidnight - 1h;
    job.expires_at = kMidnight + 23h;
    report.jobs.push_back(job);
    return report;
}

TEST(StatusTextTest, HasALineAJobAndASummary) {
    EXPECT_EQ(status_text(report_of("articles"), 0),
              (std::vector<std::string>{
                  "ID  NAME      STATE    PROGRESS           DONE/FAILED/ALL  TOOK  LEFT  WHAT NEXT",
                  " 3  articles  running  [#####-----]  50%      600/2/1,200    2h   ~2h  2 at the provider",
                  "", "1 job running, 2 batches at the provider; the daemon runs (pid 71)"}));
}

TEST(StatusTextTest, FitsAnyTerminalAndFortyColumnsStillSayWhatMatters) {
    const auto report = report_of("articles-with-a-name-that-goes-on-and-on");
    for (std::size_t width = 10; width < 120; ++width)
        for (const std::string& line : status_text(report, width)) EXPECT_LE(width_of(line), width) << line;
    const auto lines = status_text(report, 40);
    EXPECT_NE(lines[1].find("articles-"), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("running"), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("50%"), std::string::npos) << lines[1];
}

TEST(StatusTextTest, NothingOfANameDrivesTheTerminal) {
    for (const std::string& line : status_text(report_of("a\nb\033[2J\x07"), 0)) {
        EXPECT_EQ(line.find('\n'), std::string::npos);
        EXPECT_EQ(line.find('\033'), std::string::npos);
    }
}

TEST(StatusTextTest, SaysWhenNobodyIsThereToDoAnything) {
    auto report = report_of("a");
    report.pid.reset();
    EXPECT_NE(status_text(report, 0).back().find("the daemon does not run"), std::string::npos);
    report.jobs.clear();
    EXPECT_EQ(status_text(report, 0).front(), "no jobs");
}

TEST(StatusTextTest, SaysWhyCallsToTheProviderWait) {
    auto report = report_of("a");
    report.provider_trouble = "the provider refuses the key";
    EXPECT_TRUE(status_text(report, 0).back().ends_with("; waiting: the provider refuses the key"));
}

TEST(StatusTextTest, OfOneJobHasItsBatchesAndEvents) {
    auto report = report_of("a");
    store::Batch batch;
    batch.batch_id = "batch_1";
    batch.status = "in_progress";
    batch.requests = 600;
    batch.completed = 300;
    report.details =
        StatusReport::Details{{batch}, {{kMidnight, "batch_1", "batch_created", "600 requests"}}};
    std::string text;
    for (const std::string& line : status_text(report, 0)) text += line + "\n";
    EXPECT_NE(text.find("in_progress"), std::string::npos) << text;
    EXPECT_NE(text.find("300/0/600"), std::string::npos) << text;
    EXPECT_NE(text.find("2026-11-22T00:00:00Z  batch_created batch_1: 600 requests\n"), std::string::npos)
        << text;
}

TEST(StatusJsonTest, HasTheShapeThatReadmeDescribes) {
    auto report = report_of("a\nb");
    report.details.emplace();
    const auto whole = boost::json::parse(status_json(report)).as_object();
    EXPECT_EQ(whole.at("at").as_string(), "2026-11-22T00:00:00Z");
    EXPECT_TRUE(whole.at("daemon").as_object().at("running").as_bool());
    EXPECT_EQ(whole.at("daemon").as_object().at("pid").to_number<int>(), 71);
    const auto& job = whole.at("jobs").as_array().at(0).as_object();
    EXPECT_EQ(job.at("name").as_string(), "a\\x0ab");
    EXPECT_EQ(job.at("done").to_number<int>(), 600);
    EXPECT_EQ(job.at("seconds_left").to_number<int>(), 7248);
    EXPECT_TRUE(job.at("finished_at").is_null());
    EXPECT_TRUE(job.at("batches").as_array().empty());
    EXPECT_TRUE(job.at("events").as_array().empty());
}

}  // namespace
}  // namespace batchd
