#include <csignal>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "sim/backend.hpp"
#include "system/direct_bench.hpp"
#include "system/requests.hpp"
#include "system/small_disk.hpp"

namespace batchd::testing {
namespace {

/// The same file in the same folder, sent request by request to a server without a batch API.
using DirectTest = DirectSystemTest;

TEST_F(DirectTest, SendsEachRequestOnceAndPublishesTheAnswersInOrder) {
    bench.drop("articles", articles(100));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(100));
    EXPECT_EQ(direct("paid"), 100U);
    EXPECT_EQ(direct("paid_again"), 0U);
    EXPECT_EQ(bench.requests_to("POST /v1/batches") + bench.requests_to("POST /v1/files"), 0U);
    EXPECT_EQ(bench.published("articles").summary.at("possibly_repeated").to_number<int>(), 0);
    EXPECT_EQ(bench.database().count("batches WHERE batch_id = 'run-' || key AND completed = 100"), 1U);
}

TEST_F(DirectTest, LeavesNothingOfARunBehindOnceItsAnswersArePublished) {
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(bench.state() / "direct/default"));
}

TEST_F(DirectTest, SendsEmbeddingsAndResponsesAsWell) {
    bench.drop("embeddings", file_of({embedding_line("e1"), embedding_line("e2")}));
    bench.drop("responses",
               R"({"custom_id":"r1","url":"/v1/responses","body":{"model":"m","input":"Say hello"}})"
               "\n");
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("embeddings").output_ids(), (std::vector<std::string>{"e1", "e2"}));
    EXPECT_EQ(bench.published("responses").output_ids(), std::vector<std::string>{"r1"});
}

TEST_F(DirectTest, FindsHowManyAtOnceTheServerTakes) {
    for (const char* status : {"429", "498", "503"}) {
        bench.provider().change_settings(std::string(R"({"direct_at_once":4,"direct_seconds":0.01,)") +
                                         R"("direct_wait":"text","direct_busy":)" + status + "}");
        const std::string name = std::string("articles-") + status;
        bench.drop(name, articles(60));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(60)) << status;
    }
    EXPECT_LE(direct("at_once_max"), 4U);
}

TEST_F(DirectTest, NeverHasMoreInFlightThanItMay) {
    bench.set("provider.max_in_flight", "3");
    bench.provider().change_settings(R"({"direct_seconds":0.01})");
    for (const char* name : {"one", "two", "three"}) bench.drop(name, articles(20));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(direct("at_once_max"), 3U);
}

TEST_F(DirectTest, ObeysTheLimitsOfAMinuteInHeadersAndTexts) {
    for (const char* wait : {"retry-after-ms", "text"}) {
        bench.provider().change_settings(
            std::string(R"({"direct_requests_per_minute":6000,"direct_wait":")") + wait + "\"}");
        bench.drop(wait, articles(150));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.published(wait).output_ids(), article_ids(150));
    }
}

TEST_F(DirectTest, WaitsForAModelThatIsLoadingAndSaysSo) {
    bench.provider().change_settings(R"({"direct_loading":true})");
    bench.drop("articles", articles(5));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("conditions WHERE kind = 'waiting' AND instr(text, 'Loading model')") >
               0;
    }));
    bench.provider().change_settings(R"({"direct_loading":false})");
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(DirectTest, ARequestThatFailsForGoodIsAnErrorLineAndTheOthersAreAnswered) {
    bench.provider().change_settings(R"({"rows":[{"match":"*article_2","status":400}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), (std::vector<std::string>{"article_1", "article_3"}));
    ASSERT_EQ(job.errors.size(), 1U);
    EXPECT_EQ(job.errors.front().status(), 400);
    EXPECT_EQ(requests_for("article_2"), 1U);
}

TEST_F(DirectTest, AServersFaultIsTriedAgainWithinTheAttempts) {
    bench.provider().change_settings(
        R"({"rows":[{"match":"*article_2","status":500,"runs_max":2},{"match":"*article_3","status":500}]})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.output_ids(), (std::vector<std::string>{"article_1", "article_2"}));
    ASSERT_EQ(job.errors.size(), 1U);
    EXPECT_EQ(requests_for("article_2"), 3U);
    EXPECT_EQ(requests_for("article_3"), 3U);  // and not again by another batch
    EXPECT_EQ(bench.database().count("batches"), 1U);
}

TEST_F(DirectTest, WhatIsNoAnswerIsSentAgain) {
    for (const char* fault :
         {R"({"action":"status","status":200,"body":"<html>hello</html>"})",
          R"({"action":"status","status":200,"body":{"error":{"message":"engine died","type":"x"}}})",
          R"({"action":"reset_before"})", R"({"action":"truncate","bytes":40})",
          R"({"action":"garbage_body"})",
          R"({"action":"status","status":502,"body":"<html>bad gateway</html>"})"}) {
        std::string with_route = fault;
        with_route.insert(1, R"("route":"POST /v1/chat/completions","times":2,)");
        bench.provider().add_fault(with_route);
    }
    bench.set("retry.row_attempts", "10");
    bench.drop("articles", articles(20));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(20));
}

TEST_F(DirectTest, WhereEverythingFailsForATimeNothingIsLost) {
    bench.set("retry.max_backoff", "\"10s\"");
    unsigned number = 0;
    for (const char* fault :
         {R"("action":"reset_before")", R"("action":"status","status":404,"body":"<html>404</html>")",
          R"("action":"status","status":308,"headers":{"Location":"https://a.example/v1"})"}) {
        bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","times":-1,"lasts":2,)" +
                                   std::string(fault) + "}");
        const std::string name = "articles-" + std::to_string(++number);
        bench.drop(name, articles(300));
        EXPECT_EQ(bench.run_once(), 0) << fault;
        EXPECT_EQ(bench.published(name).output_ids(), article_ids(300)) << fault;
        bench.provider().clear_faults();
    }
}

TEST_F(DirectTest, ARequestThatOutlastsItsTimeEndsAsSuch) {
    bench.set("provider.timeout", "\"200ms\"");
    bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","action":"stall_before","times":-1})");
    bench.drop("articles", articles(1));
    EXPECT_EQ(bench.run_once(), 1);
    const PublishedJob job = bench.published("articles");
    ASSERT_EQ(job.errors.size(), 1U);
    EXPECT_EQ(job.errors.front().object.at("error").at("code").as_string(), "request_timeout");
}

TEST_F(DirectTest, ARefusedKeyHaltsItAndAMendedOneLetsItGoOn) {
    bench.provider().change_settings(R"({"direct_seconds":0.01})");
    bench.start();
    bench.drop("articles", articles(300));
    ASSERT_TRUE(bench.wait_until([&] { return direct("paid") > 20; }));
    const std::string next = "sk-practice-next-77aa31";
    bench.provider().set_key(next);
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "refuses the key"));
    EXPECT_EQ(bench.database().count("jobs WHERE state IN ('failed', 'done')"), 0U);
    ASSERT_TRUE(replace_file(bench.key_file(), next));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(300));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
    EXPECT_EQ(direct("paid_again"), 0U);
}

TEST_F(DirectTest, ASpentQuotaIsWaitedForAndFailsNothing) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/chat/completions","action":"status","status":429,"times":2,"body":)"
        R"({"error":{"message":"You exceeded your current quota, please check your plan.",)"
        R"("type":"insufficient_quota","param":null,"code":"insufficient_quota"}}})");
    bench.drop("articles", articles(10));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_TRUE(bench.database().has_event("provider_closed", "quota"));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(10));
}

TEST_F(DirectTest, AQuotaThatStaysSpentIsLeftAloneAndAMendedOneLetsItGoOn) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/chat/completions","action":"status","status":429,"times":-1,"body":)"
        R"({"error":{"message":"You exceeded your current quota, please check your plan.",)"
        R"("type":"insufficient_quota","param":null,"code":"insufficient_quota"}}})");
    bench.set("provider.max_in_flight", "8");
    bench.set("retry.max_backoff", "\"1h\"");
    bench.start();
    bench.drop("articles", articles(60));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "quota"));
    // Whoever looks at the runs meanwhile lets none of them go.
    for (const char* const name : {"second", "third", "fourth"}) {
        bench.drop(name, articles(20));
        ASSERT_TRUE(bench.wait_until([&] {
            return bench.database().count(
                       "batches b, parts p, jobs j WHERE p.batch = b.id AND "
                       "j.id = p.job_id AND b.phase = 'watching' AND j.name = '" +
                       std::string(name) + "'") == 1;
        }));
    }
    EXPECT_LE(bench.requests_to("POST /v1/chat/completions"), 8U);
    bench.provider().clear_faults();
    const std::string next = "sk-practice-next-77aa31";
    bench.provider().set_key(next);
    ASSERT_TRUE(replace_file(bench.key_file(), next));
    bench.daemon().send(SIGHUP);
    ASSERT_TRUE(bench.wait_for_jobs(4));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(60));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("conditions WHERE kind = 'provider_closed'") == 0; }));
}

TEST_F(DirectTest, AServerThatIsAwayForLongShowsAsClosedAndOpensWhenItIsBack) {
    bench.use_transport(Transport::plain);
    bench.start();
    bench.stop_provider();
    bench.drop("articles", articles(10));
    ASSERT_TRUE(bench.wait_for_event("provider_closed", "can't be reached"));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("conditions WHERE kind = 'provider_closed'") == 1; }));
    bench.start_provider();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(10));
    EXPECT_TRUE(bench.database().has_event("provider_open"));
}

TEST_F(DirectTest, AJournalThatHasNoRoomIsSaidAndGoesOnOnceItHas) {
    SmallDisk disk(bench.state() / "direct", 8 * 1024 * 1024);
    if (!disk.is_mounted()) GTEST_SKIP() << disk.why();
    bench.set("provider.max_in_flight", "4");
    bench.provider().change_settings(R"({"direct_seconds":0.01})");
    bench.drop("articles", articles(400));
    bench.start();
    ASSERT_TRUE(bench.wait_until([&] { return direct("paid") > 20; }));
    disk.fill();
    ASSERT_TRUE(bench.wait_until([&] {
        return bench.database().count("conditions WHERE kind = 'waiting' AND instr(text, 'No space')") > 0;
    }));
    disk.free();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(400));
    EXPECT_EQ(direct("paid_again"), 0U);
}

TEST_F(DirectTest, AFlexTierThatIsShortIsWaitedForAndTheTierOfTheAnswerCounts) {
    bench.set("batch.defaults", R"({ service_tier = "flex" })");
    bench.set("prices.models", R"({ "m" = { input_cost_per_token = 2e-6, output_cost_per_token = 2e-6, )"
                               R"(input_cost_per_token_flex = 1e-6, output_cost_per_token_flex = 1e-6 } })");
    const auto add_fault = [&](const std::string& what) {
        bench.provider().add_fault(R"({"route":"POST /v1/chat/completions","action":"status",)" + what + "}");
    };
    add_fault(R"("status":429,"times":2,"body":{"error":{"message":"Resource Unavailable",)"
              R"("type":"server_error","param":null,"code":"resource_unavailable"}})");
    add_fault(R"("status":498,"times":2,"body":{"error":{"message":"Flex tier capacity exceeded",)"
              R"("type":"server_error","param":null,"code":"capacity_exceeded"}})");
    const auto answered_at = [](const std::string& tier) {
        return R"("status":200,"body":{"object":"chat.completion","model":"m","choices":[{"index":0,)"
               R"("message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],)"
               R"("usage":{"prompt_tokens":10,"completion_tokens":0,"total_tokens":10},"service_tier":")" +
               tier + "\"}";
    };
    add_fault(R"("times":2,)" + answered_at("flex"));
    add_fault(R"("times":1,)" + answered_at("default"));
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(3));
    EXPECT_EQ(bench.database().value("SELECT cost || ' ' || cost_sync FROM jobs"), "40000 60000");
}

TEST_F(DirectTest, ACancelKeepsWhatIsAnsweredAndSendsNoMore) {
    bench.provider().change_settings(R"({"direct_seconds":0.02})");
    bench.set("provider.max_in_flight", "4");
    bench.start();
    bench.drop("articles", articles(2000));
    ASSERT_TRUE(bench.wait_until([&] { return direct("paid") > 20; }));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    const PublishedJob job = bench.published("articles");
    EXPECT_EQ(job.summary.at("state").as_string(), "cancelled");
    EXPECT_EQ(job.output.size(), direct("paid"));
    EXPECT_EQ(job.output.size() + job.errors.size(), 2000U);
    EXPECT_EQ(job.errors.back().object.at("error").at("code").as_string(), "batch_cancelled");
}

TEST_F(DirectTest, ASmallFileIsNotHeldUpByALargeOne) {
    bench.provider().change_settings(R"({"direct_seconds":0.02})");
    bench.set("provider.max_in_flight", "4");
    bench.start();
    bench.drop("large", articles(5000));
    ASSERT_TRUE(bench.wait_until([&] { return direct("paid") > 20; }));
    bench.drop("small", file_of({embedding_line("e1"), embedding_line("e2")}));
    ASSERT_TRUE(bench.wait_until([&] { return bench.job_state("small") == "done"; }));
    EXPECT_EQ(bench.job_state("large"), "running");
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
}

TEST_F(DirectTest, OfWhatWaitsTheHigherPriorityGoesFirst) {
    bench.set("provider.max_in_flight", "1");
    bench.set("queue.urgent.priority", "10");
    bench.provider().change_settings(R"({"direct_loading":true})");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    bench.drop("articles", articles(20));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.expect_input("now", articles(20));
    bench.drop_into("urgent", "now", articles(20));
    ASSERT_TRUE(
        bench.wait_until([&] { return bench.database().count("events WHERE kind = 'batch_created'") == 2; }));
    bench.provider().change_settings(R"({"direct_loading":false})");
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.database().value("SELECT name FROM jobs j JOIN events e ON e.job_id = j.id WHERE e.kind "
                                     "= 'batch_ended' ORDER BY e.id"),
              "now");
}

TEST_F(DirectTest, AServerWithAPathOfItsOwnIsAskedThere) {
    bench.imitate(R"({"base_path":"/openai/v1"})");
    bench.drop("articles", articles(3));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(direct("paid"), 3U);
}

TEST_F(DirectTest, AModelThatIsNotThereIsAnErrorOfItsRequestsAlone) {
    bench.provider().change_settings(R"({"unknown_models":["no-such-model"]})");
    bench.drop("missing", chat_line("m1", "no-such-model") + "\n");
    bench.drop("articles", articles(2));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_EQ(bench.published("missing").errors.front().status(), 404);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(2));
}

}  // namespace
}  // namespace batchd::testing
