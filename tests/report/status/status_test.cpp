#include <algorithm>

#include <gtest/gtest.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "report/status/status.hpp"
#include "report/text_table.hpp"

namespace batchd::report {
namespace {

using namespace std::chrono_literals;
using store::JobState;

const TimePoint kMidnight = std::chrono::sys_days(std::chrono::year(2026) / 11 / 22);

Status status_of(std::string name) {
    Status status;
    status.now = kMidnight;
    status.pid = 71;
    status.providers.emplace_back().name = "default";
    store::JobOverview job;
    job.job.id = store::JobId{3};
    job.job.name = std::move(name);
    job.job.state = JobState::running;
    job.job.requests = 1200;
    job.job.succeeded = 300;
    job.job.failed = 2;
    job.job.created_at = kMidnight - 2h;
    job.done = 600;
    job.failed = 2;
    job.in_flight = 2;
    job.submitted_at = kMidnight - 1h;
    job.expires_at = kMidnight + 23h;
    status.jobs.push_back(job);
    status.totals = {.running_jobs = 1, .batches_at_provider = 2};
    return status;
}

TEST(StatusTextTest, HasALineAJobAndASummary) {
    EXPECT_EQ(status_text(status_of("articles"), 0).lines,
              (std::vector<std::string>{
                  "ID  NAME      STATE    PROGRESS           DONE/FAILED/ALL  TOOK  LEFT  WHAT NEXT",
                  " 3  articles  running  [####x-----]  49%      598/2/1,200    2h   ~2h  2 at the provider",
                  "", "1 job running, 2 batches at the provider; the daemon runs (pid 71)"}));
}

TEST(StatusTextTest, ShowsQueueAndProviderWhereTheyAreNotTheDefaults) {
    auto status = status_of("articles");
    status.jobs.push_back(status.jobs.front());
    status.jobs[1].job.id = store::JobId{4};
    status.jobs[1].job.queue = "nightly";
    EXPECT_EQ(status_text(status, 0).lines[0],
              "ID  NAME      QUEUE    STATE    PROGRESS           DONE/FAILED/ALL  TOOK  LEFT  WHAT NEXT");
    EXPECT_TRUE(status_text(status, 0).lines[1].starts_with(" 3  articles           running "));
    EXPECT_TRUE(status_text(status, 0).lines[2].starts_with(" 4  articles  nightly  running "));
    status.jobs[1].job.provider = "azure";
    EXPECT_TRUE(status_text(status, 0).lines[2].starts_with(" 4  articles  nightly  azure     running "));
    for (std::size_t width = 10; width < 140; ++width)
        for (const std::string& line : status_text(status, width).lines)
            EXPECT_LE(width_of(line), width) << line;

    status.jobs.erase(status.jobs.begin());
    status.details = Status::Details{};
    const auto lines = status_text(status, 40).lines;
    for (const char* line : {"in the queue nightly", "sent to the provider azure"})
        EXPECT_NE(std::find(lines.begin(), lines.end(), line), lines.end()) << line;
}

TEST(StatusTextTest, WhatWaitsInAQueueDoesNotRun) {
    auto status = status_of("a");
    status.totals.waiting_jobs = 1;
    EXPECT_EQ(status_text(status, 0).lines.back(),
              "1 job running, 1 waiting in a queue, 2 batches at the provider; the daemon runs (pid 71)");
}

TEST(StatusTextTest, FitsAnyTerminalAndFortyColumnsStillSayWhatMatters) {
    const auto status = status_of("articles-with-a-name-that-goes-on-and-on");
    for (std::size_t width = 10; width < 120; ++width)
        for (const std::string& line : status_text(status, width).lines)
            EXPECT_LE(width_of(line), width) << line;
    const auto lines = status_text(status, 40).lines;
    EXPECT_NE(lines[1].find("articles-"), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("running"), std::string::npos) << lines[1];
    EXPECT_NE(lines[1].find("2 at the"), std::string::npos) << lines[1];
}

TEST(StatusTextTest, NothingOfANameDrivesTheTerminal) {
    for (const std::string& line : status_text(status_of("a\nb\033[2J\x07"), 0).lines) {
        EXPECT_EQ(line.find('\n'), std::string::npos);
        EXPECT_EQ(line.find('\033'), std::string::npos);
    }
}

TEST(StatusTextTest, SaysWhenNobodyIsThereToDoAnything) {
    auto status = status_of("a");
    status.pid.reset();
    EXPECT_NE(status_text(status, 0).lines.back().find("the daemon does not run"), std::string::npos);
    status.jobs.clear();
    EXPECT_EQ(status_text(status, 0).lines.front(), "no jobs");
}

store::Condition condition(std::string kind, std::string about, std::string text) {
    return {.kind = std::move(kind),
            .about = std::move(about),
            .text = std::move(text),
            .since = kMidnight - 3min};
}

TEST(StatusTextTest, SaysWhatIsWaitedForInLinesOfItsOwnAndWithTheDaemon) {
    auto status = status_of("a");
    status.conditions = {
        condition("waiting", "batch 7", "no space left on device"),
        condition("provider_closed", "https://api.openai.com/v1", "the provider refuses the key"),
        condition("held", "batch 2", "nobody knows whether it was made")};
    const StatusText text = status_text(status, 0);
    const auto& lines = text.lines;
    ASSERT_EQ(text.foot, 5U);
    EXPECT_EQ(lines[lines.size() - 4], "held for 3m, batch 2: nobody knows whether it was made");
    EXPECT_EQ(lines[lines.size() - 3],
              "provider_closed for 3m, https://api.openai.com/v1: the provider refuses the key");
    EXPECT_EQ(lines[lines.size() - 2], "waiting for 3m, batch 7: no space left on device");
    EXPECT_NE(lines.back().find("(pid 71); waiting: batch 2 is held: "), std::string::npos) << lines.back();
}

TEST(StatusTextTest, ManyThatWaitAreCounted) {
    auto status = status_of("a");
    for (int i = 0; i < 50; ++i)
        status.conditions.push_back(condition("held", "batch " + std::to_string(i), "in doubt"));
    const StatusText text = status_text(status, 0);
    EXPECT_EQ(text.foot, 11U);
    EXPECT_EQ(text.lines[text.lines.size() - 2], "and 42 more, in batchd status --json");
}

TEST(StatusTextTest, WhatRunsComesFirstThenWhatWaitsThenWhatHasEnded) {
    auto status = status_of("runs");
    store::JobOverview waits = status.jobs[0], old = waits, ended = waits;
    waits.job.id = store::JobId{2};
    waits.job.name = "waits";
    waits.in_flight = 0;
    old.job.id = store::JobId{1};
    old.job.name = "old";
    old.job.state = JobState::done;
    ended.job.id = store::JobId{4};
    ended.job.name = "ended";
    ended.job.state = JobState::failed;
    status.jobs = {old, waits, status.jobs[0], ended};
    const auto lines = status_text(status, 0).lines;
    const std::vector<std::string> order{"runs", "waits", "ended", "old"};
    for (std::size_t i = 0; i < order.size(); ++i)
        EXPECT_NE(lines[i + 1].find(order[i]), std::string::npos) << lines[i + 1];
}

TEST(StatusTextTest, OfOneJobHasItsBatchesAndEvents) {
    auto status = status_of("a");
    store::Batch batch;
    batch.batch_id = "batch_1";
    batch.status = "in_progress";
    batch.requests = 600;
    batch.completed = 300;
    status.details = Status::Details{{batch}, {{kMidnight, "batch_1", "batch_created", "600 requests"}}};
    std::string text;
    for (const std::string& line : status_text(status, 0).lines) text += line + "\n";
    EXPECT_NE(text.find("in_progress"), std::string::npos) << text;
    EXPECT_NE(text.find("300/0/600"), std::string::npos) << text;
    EXPECT_NE(text.find("2026-11-22T00:00:00Z  batch_created batch_1: 600 requests\n"), std::string::npos)
        << text;
}

ErrorGroups two_reasons() {
    return {.groups = {{.status_code = 404,
                        .code = "model_not_found",
                        .message = "The model does not exist",
                        .requests = 1203,
                        .examples = {{"a-1", 1}, {"a-2", 2}}},
                       {.message = "no JSON", .requests = 2, .examples = {{"", 1204}}}},
            .others = 5};
}

TEST(StatusTextTest, OfOneJobSaysWhyRequestsFailedTheCommonestReasonFirst) {
    auto status = status_of("a");
    status.details = Status::Details{{}, {}, two_reasons()};
    const auto lines = status_text(status, 0).lines;
    const auto head = std::find_if(lines.begin(), lines.end(),
                                   [](const std::string& line) { return line.starts_with("FAILED"); });
    ASSERT_GE(lines.end() - head, 4);
    EXPECT_EQ(head[0], "FAILED  WHY                                            FOR EXAMPLE");
    EXPECT_EQ(head[1], " 1,203  404 model_not_found: The model does not exist  a-1, a-2");
    EXPECT_EQ(head[2], "     2  no JSON                                        line 1204");
    EXPECT_EQ(head[3], "and 5 more for other reasons, in errors.jsonl");
    for (const std::string& line : status_text(status, 40).lines) EXPECT_LE(width_of(line), 40U) << line;
}

TEST(StatusJsonTest, OfOneJobHasWhyRequestsFailed) {
    auto status = status_of("a");
    status.details = Status::Details{};
    EXPECT_TRUE(boost::json::parse(status_json(status)).at("jobs").at(0).at("errors").is_null());
    status.details->errors = two_reasons();
    EXPECT_EQ(boost::json::serialize(boost::json::parse(status_json(status)).at("jobs").at(0).at("errors")),
              R"({"groups":[{"status":404,"code":"model_not_found","message":"The model does not exist",)"
              R"("requests":1203,"examples":[{"custom_id":"a-1","line":1},{"custom_id":"a-2","line":2}]},)"
              R"({"status":null,"code":null,"message":"no JSON","requests":2,)"
              R"("examples":[{"custom_id":null,"line":1204}]}],"others":5})");
}

TEST(StatusJsonTest, HasTheShapeThatReadmeDescribes) {
    auto status = status_of("a\nb");
    status.details = Status::Details{};
    const auto whole = boost::json::parse(status_json(status)).as_object();
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

TEST(StatusJsonTest, HasWhatHoldsNow) {
    auto status = status_of("a");
    status.providers = {{.name = "default",
                         .kind = "openai",
                         .base_url = "https://api.openai.com/v1",
                         .limits = {{"m", 9}},
                         .enqueued_tokens = {{"m", 5}}}};
    status.conditions = {
        condition("provider_closed", "https://api.openai.com/v1", "the provider refuses the key"),
        condition("left_alone", "not .jsonl", "3 files: rename them")};
    status.conditions[1].files = 3;
    status.conditions[1].remedy = "rename them";
    const auto whole = boost::json::parse(status_json(status)).as_object();
    EXPECT_EQ(whole.at("daemon").at("waits_for").as_string(), "the provider refuses the key");
    EXPECT_EQ(
        boost::json::serialize(whole.at("conditions")),
        R"([{"kind":"provider_closed","since":"2026-11-21T23:57:00Z","about":"https://api.openai.com/v1",)"
        R"("text":"the provider refuses the key"}])");
    EXPECT_EQ(boost::json::serialize(whole.at("inbox")),
              R"({"left_alone":[{"reason":"not .jsonl","files":3,"remedy":"rename them"}]})");
    EXPECT_EQ(
        boost::json::serialize(whole.at("providers")),
        R"([{"name":"default","kind":"openai","base_url":"https://api.openai.com/v1","open":false,)"
        R"("since":"2026-11-21T23:57:00Z","why":"the provider refuses the key","enqueued_tokens":{"m":5},)"
        R"("limits":{"m":9},"activity":null}])");
    const auto& job = whole.at("jobs").as_array().at(0).as_object();
    EXPECT_EQ(job.at("queue").as_string(), "default");
    EXPECT_EQ(job.at("provider"), whole.at("providers").at(0).at("name"));
    for (const char* key : {"not_before", "cost", "cost_sync"}) EXPECT_TRUE(job.at(key).is_null()) << key;
    EXPECT_EQ(job.at("unpriced"), 0);
}

TEST(StatusJsonTest, HasWhatAProviderDoesByItself) {
    auto status = status_of("a");
    status.providers = {{.name = "gpu", .kind = "direct", .base_url = "http://gpu-1:8000/v1"}};
    status.providers.front().activity = "12.5 requests a second, 8 in flight of at most 16";
    const auto whole = boost::json::parse(status_json(status));
    EXPECT_EQ(whole.at("providers").at(0).at("activity"),
              "12.5 requests a second, 8 in flight of at most 16");
    const auto lines = status_text(status, 0).lines;
    EXPECT_NE(std::find(lines.begin(), lines.end(),
                        "gpu at http://gpu-1:8000/v1: 12.5 requests a second, 8 in flight of at most 16"),
              lines.end());
}

TEST(StatusJsonTest, HasMoneyAsExactText) {
    auto status = status_of("a");
    status.jobs.front().job.queue = "nightly";
    status.jobs.front().job.spent = {
        .cached_tokens = 4, .cost = 12'300'000, .cost_sync = 24'600'001, .unpriced = 2};
    const auto job = boost::json::parse(status_json(status)).at("jobs").at(0);
    EXPECT_EQ(job.at("queue"), "nightly");
    EXPECT_EQ(job.at("cached_tokens"), 4);
    EXPECT_EQ(job.at("cost"), "0.0123");
    EXPECT_EQ(job.at("cost_sync"), "0.024600001");
    EXPECT_EQ(job.at("unpriced"), 2);
}

TEST(StatusJsonTest, OfABatchHasWhatWeMakeOfItBesideTheProvidersWord) {
    auto status = status_of("a");
    store::Batch ran, held;
    ran.status = "completed";
    ran.outcome = store::Outcome::ended;
    held.status = "creating";
    held.held = "nobody knows whether it was made";
    held.held_since = kMidnight;
    status.details = Status::Details{{ran, held}, {}};
    const auto batches = boost::json::parse(status_json(status)).at("jobs").at(0).at("batches");
    EXPECT_EQ(batches.at(0).at("outcome"), "ended");
    EXPECT_TRUE(batches.at(0).at("held").is_null());
    EXPECT_TRUE(batches.at(0).at("held_since").is_null());
    EXPECT_TRUE(batches.at(1).at("outcome").is_null());
    EXPECT_EQ(batches.at(1).at("held"), "nobody knows whether it was made");
    EXPECT_EQ(batches.at(1).at("held_since"), "2026-11-22T00:00:00Z");
}

TEST(StatusJsonTest, SaysWhetherTheFileWasAlteredAfterItWasTaken) {
    auto status = status_of("a");
    EXPECT_FALSE(boost::json::parse(status_json(status)).at("jobs").at(0).at("input_changed").as_bool());
    status.jobs[0].job.input_changed = true;
    EXPECT_TRUE(boost::json::parse(status_json(status)).at("jobs").at(0).at("input_changed").as_bool());
}

TEST(StatusJsonTest, OfAProviderNobodyAsksItIsNotKnownWhetherItIsOpen) {
    auto status = status_of("a");
    EXPECT_TRUE(boost::json::parse(status_json(status)).at("providers").at(0).at("open").as_bool());
    status.pid.reset();
    EXPECT_TRUE(boost::json::parse(status_json(status)).at("providers").at(0).at("open").is_null());
    EXPECT_TRUE(boost::json::parse(status_json(status)).at("daemon").at("waits_for").is_null());
}

}  // namespace
}  // namespace batchd::report
