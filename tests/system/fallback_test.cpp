// A queue whose batches have a fallback: what has no batch, and what is late, is sent request by request.

#include <set>

#include "sim/backend.hpp"
#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// The provider has batches, and "gpu" answers request by request. At the end nothing was paid twice, neither
/// at one of them nor at both.
class FallbackTest : public ::testing::Test {
protected:
    Workbench bench;
    std::uint64_t may_be_repeated = 0;  ///< at "gpu", by an end of the daemon with requests under way
    sim::Server gpu{{.data = bench.root() / "gpu", .key = kApiKey}};

    FallbackTest() {
        bench.set("provider.gpu.kind", "\"direct\"");
        bench.set("provider.gpu.base_url", "\"" + gpu.base_url() + "\"");
        bench.set("provider.gpu.api_key_file", "\"" + bench.key_file().string() + "\"");
        bench.set("queue.quick.fallback", "\"gpu\"");
    }
    void TearDown() override {
        EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0);
        EXPECT_TRUE(bench.report().at("violations").as_array().empty()) << bench.report().at("violations");
        EXPECT_LE(of_gpu("paid_again"), may_be_repeated);
    }

    void start() {
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] { return std::filesystem::exists(bench.inbox() / "quick"); }));
    }
    void drop(const std::string& content, const std::string& name = "in") {
        bench.drop_into("quick", name, content);
    }
    void start_with(const std::string& content) {
        start();
        drop(content);
    }
    PublishedJob published(const std::string& name = "in") const {
        return PublishedJob::read(bench.outbox() / "quick" / name);
    }
    void expect_whole(const std::vector<std::string>& ids) {
        ASSERT_TRUE(bench.wait_for_jobs(1)) << bench.log();
        EXPECT_EQ(published().output_ids(), ids);
        EXPECT_EQ(published().summary.at("state").as_string(), "done");
    }
    std::uint64_t of_gpu(const char* number) {
        const auto report = boost::json::parse(gpu.report());
        return report.at("direct").at(number).to_number<std::uint64_t>();
    }
    std::uint64_t rows_paid_in_batches() { return bench.report().at("rows_paid").to_number<std::uint64_t>(); }
    std::string value(const std::string& sql) const { return bench.database().value(sql); }
    bool is_on_record(const std::string& event) const { return bench.database().has_event(event); }
};

TEST_F(FallbackTest, AModelWithoutABatchIsAnsweredByTheOtherProviderUnderItsNameThere) {
    bench.set("provider.models", R"({ "nice" = "batchless" })");
    bench.set("provider.gpu.models", R"({ "nice" = "nice-8b" })");
    bench.provider().change_settings(R"({"unknown_models":["batchless"]})");
    gpu.change_settings(R"({"unknown_models":["batchless","nice"]})");
    start_with(file_of({chat_line("a", "nice"), chat_line("b"), chat_line("c", "nice"), chat_line("d")}));
    expect_whole({"a", "b", "c", "d"});
    EXPECT_EQ(of_gpu("paid"), 2U);
    EXPECT_EQ(rows_paid_in_batches(), 2U);
    EXPECT_TRUE(bench.database().has_event("rows_elsewhere", "2 of 2 requests go to gpu"));
    EXPECT_EQ(value("SELECT model || provider || completed FROM batches WHERE attempt = 2"), "nice-8bgpu2");
    ASSERT_TRUE(bench.wait_until([&] { return value("SELECT count(*) FROM unused_files") == "0"; }));
}

TEST_F(FallbackTest, AnEndpointWithoutABatchIsAnsweredByTheOtherProvider) {
    bench.provider().change_settings(R"({"create_endpoints":["/v1/chat/completions"]})");
    start_with(file_of({embedding_line("e1"), chat_line("c"), embedding_line("e2")}));
    expect_whole({"e1", "c", "e2"});
    const PublishedJob job = published();
    std::multiset<std::string> providers;
    for (const auto& batch : job.summary.at("batches").as_array())
        providers.emplace(batch.at("provider").as_string());
    EXPECT_EQ(providers, (std::multiset<std::string>{"default", "default", "gpu"}));
    EXPECT_EQ(of_gpu("paid"), 2U);
    EXPECT_EQ(value("SELECT outcome FROM batches WHERE attempt = 1 AND endpoint = '/v1/embeddings'"),
              "no_batch");
}

TEST_F(FallbackTest, RowsWithoutAModelGoThereAndOnlyThese) {
    const auto refused = [](const std::string& id, const std::string& status, const std::string& error) {
        return R"({"match":")" + id + R"(","status":)" + status + R"(,"set":{"response":{"status_code":)" +
               status + R"(,"request_id":"r","body":{"error":)" + error + "}}}}";
    };
    bench.provider().change_settings(
        R"({"rows":[)" +
        refused("article_2", "404",
                R"({"message":"The model `m` does not exist.","code":"model_not_found"})") +
        "," + refused("article_4", "400", R"({"message":"bad","param":"messages","code":"invalid_value"})") +
        "]}");
    start_with(articles(5));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(published().output_ids(),
              (std::vector<std::string>{"article_1", "article_2", "article_3", "article_5"}));
    EXPECT_EQ(published().error_ids(), std::vector<std::string>{"article_4"});
    EXPECT_EQ(of_gpu("paid"), 1U);
}

TEST_F(FallbackTest, WhatHasNoAnswerAfterAllAttemptsGoesThere) {
    bench.set("queue.quick.row_attempts", "2");
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":500}]})");
    start_with(articles(3));
    expect_whole(article_ids(3));
    EXPECT_EQ(of_gpu("paid"), 1U);
    EXPECT_EQ(value("SELECT group_concat(provider, ' ') FROM batches"), "default default gpu");
}

TEST_F(FallbackTest, ABatchThatTheProviderFailsAgainAndAgainGoesThere) {
    bench.provider().change_settings(R"({"fail_batch":[1,2,3,4,5,6,7,8,9,10]})");
    start_with(articles(3));
    expect_whole(article_ids(3));
    EXPECT_EQ(of_gpu("paid"), 3U);
}

TEST_F(FallbackTest, WhereThereIsNoPathOfBatchesTheOtherProviderAnswers) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":404,"times":-1,"body":"{\"detail\":\"Not Found\"}"})");
    start_with(articles(3));
    expect_whole(article_ids(3));
    EXPECT_EQ(of_gpu("paid"), 3U);
    EXPECT_EQ(rows_paid_in_batches(), 0U);
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 3U);
}

TEST_F(FallbackTest, WhatIsAnsweredWith404AndRunsAllTheSameIsNotAnsweredTwice) {
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":404,"times":2,"body":"{\"detail\":\"Not Found\"}"})");
    bench.provider().add_fault(
        R"({"route":"POST /v1/batches","action":"status_after","status":404,"times":1,"body":"{\"detail\":\"Not Found\"}"})");
    start_with(articles(3));
    expect_whole(article_ids(3));
    EXPECT_EQ(of_gpu("paid"), 0U);
    EXPECT_EQ(rows_paid_in_batches(), 3U);
}

TEST_F(FallbackTest, FilesThatShareABatchGoThereTogetherAndComeBackApart) {
    bench.set("queue.quick.schedule", "\"0 0 1 1 *\"");
    bench.provider().change_settings(R"({"unknown_models":["batchless"]})");
    start();
    drop(file_of({chat_line("a", "batchless"), chat_line("b", "batchless")}), "one");
    drop(file_of({chat_line("c", "batchless")}), "two");
    ASSERT_TRUE(bench.wait_until([&] { return value("SELECT count(*) FROM waiting") == "2"; }));
    ASSERT_EQ(Shell(bench).run({"release", "quick"}), 0);
    ASSERT_TRUE(bench.wait_for_jobs(2)) << bench.log();
    EXPECT_EQ(published("one").output_ids(), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(published("two").output_ids(), std::vector<std::string>{"c"});
    EXPECT_EQ(value("SELECT group_concat(provider || requests, ' ') FROM batches"), "default3 gpu3");
}

TEST_F(FallbackTest, WithoutAFallbackItIsAnError) {
    bench.unset("queue.quick.fallback");
    bench.set("queue.quick.priority", "0");
    bench.provider().change_settings(R"({"unknown_models":["batchless"]})");
    start_with(file_of({chat_line("a", "batchless")}));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(published().error_ids(), std::vector<std::string>{"a"});
    EXPECT_EQ(of_gpu("paid"), 0U);
}

TEST_F(FallbackTest, WhatIsCancelledGoesNowhere) {
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.2})");
    bench.set("queue.quick.deadline", "\"1h\"");
    start_with(articles(3));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(published().errors.front().error_code(), "batch_cancelled");
    EXPECT_EQ(of_gpu("paid"), 0U);
}

/// The same, with a batch that takes longer than the deadline.
class DeadlineTest : public FallbackTest {
protected:
    DeadlineTest() {
        bench.set("queue.quick.deadline", "\"1s\"");
        bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0.3})");
    }
    /// What is in no batch any more was paid at the other provider, once.
    void expect_whole_and_paid_once(unsigned count) {
        expect_whole(article_ids(count));
        EXPECT_EQ(rows_paid_in_batches() + of_gpu("paid"), count);
    }
    void expect_whole_but_for_what_was_under_way(unsigned count) {
        EXPECT_EQ(published().output_ids(), article_ids(count));
        EXPECT_EQ(rows_paid_in_batches() + of_gpu("questions"), count);
        may_be_repeated = published().summary.at("possibly_repeated").to_number<std::uint64_t>();
    }
};

TEST_F(DeadlineTest, WhatIsLateIsCancelledAndTheRestIsSentThere) {
    start_with(articles(20));
    expect_whole_and_paid_once(20);
    EXPECT_TRUE(bench.database().has_event("batch_cancelling", "its deadline is over"));
    EXPECT_TRUE(bench.database().has_event("rows_elsewhere", "the deadline is over"));
    EXPECT_EQ(bench.requests_to("POST /v1/batches/*/cancel"), 1U);
}

TEST_F(DeadlineTest, WhatWasAnsweredUntilThenIsKept) {
    // Deadlines are in whole seconds, so that one of a second may come at once.
    bench.set("queue.quick.deadline", "\"3s\"");
    bench.provider().change_settings(R"({"in_progress":8})");
    start_with(articles(50));
    expect_whole_and_paid_once(50);
    EXPECT_GT(rows_paid_in_batches(), 0U);
}

TEST_F(DeadlineTest, WhatWaitsForAProviderThatHangsGoesThereWithoutIt) {
    bench.set("queue.quick.deadline", "\"4s\"");
    bench.provider().change_settings(R"({"in_progress":0.1,"rows":[{"match":"*","status":500}]})");
    bench.provider().add_fault(R"({"route":"POST /v1/files","action":"stall_before","times":-1,"skip":1})");
    start_with(articles(3));
    expect_whole(article_ids(3));
    EXPECT_EQ(of_gpu("paid"), 3U);
    EXPECT_EQ(value("SELECT outcome FROM batches WHERE attempt = 2"), "withdrawn");
}

TEST_F(DeadlineTest, ABatchThatAnswersAfterAllIsTakenAndNothingIsSentBesides) {
    bench.provider().change_settings(R"({"cancel_refused":["in_progress","completed"]})");
    start_with(articles(5));
    ASSERT_TRUE(bench.wait_for_event("batch_cancelling", "too late"));
    EXPECT_EQ(of_gpu("paid"), 0U) << "it still runs";
    bench.provider().advance_clock(std::chrono::hours(2));
    expect_whole_and_paid_once(5);
    EXPECT_EQ(of_gpu("paid"), 0U);
}

TEST_F(DeadlineTest, NothingGoesThereWhileTheBatchMayRun) {
    bench.provider().change_settings(R"({"cancelling":3600})");
    start_with(articles(5));
    ASSERT_TRUE(bench.wait_for_event("batch_cancelling"));
    ASSERT_TRUE(bench.wait_until([&] { return value("SELECT status FROM batches") == "cancelling"; }));
    EXPECT_EQ(value("SELECT count(*) FROM batches"), "1");
    EXPECT_EQ(of_gpu("paid"), 0U);
    bench.provider().advance_clock(std::chrono::hours(2));
    expect_whole_and_paid_once(5);
}

TEST_F(DeadlineTest, KilledAtEachOfItsStepsItComesBackWhole) {
    gpu.change_settings(R"({"direct_seconds":0.05})");
    bench.set("provider.gpu.max_in_flight", "2");
    start_with(articles(30));
    for (const char* event : {"batch_created", "batch_cancelling", "rows_elsewhere"}) {
        ASSERT_TRUE(bench.wait_for_event(event));
        bench.daemon().kill();
        bench.start();
    }
    ASSERT_TRUE(bench.wait_until([&] { return of_gpu("paid") > 0; })) << bench.log();
    EXPECT_EQ(bench.stop(), 0);
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_whole_but_for_what_was_under_way(30);
}

TEST_F(DeadlineTest, WithoutItsDatabaseItGoesOnWhereItWas) {
    gpu.change_settings(R"({"direct_seconds":0.05})");
    bench.set("provider.gpu.max_in_flight", "2");
    start_with(articles(30));
    ASSERT_TRUE(bench.wait_until([&] { return of_gpu("paid") > 5; }));
    EXPECT_EQ(bench.stop(), 0);
    bench.lose_database();
    ASSERT_EQ(bench.run({"recover"}), 0);
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    expect_whole_but_for_what_was_under_way(30);
    EXPECT_EQ(value("SELECT group_concat(provider, ' ') FROM batches"), "default gpu");
}

/// The provider has no batch for chats at first, so that these go to "gpu"; then the database is lost, and by
/// now it has.
class LostFallbackTest : public FallbackTest {
protected:
    LostFallbackTest() {
        bench.provider().change_settings(R"({"create_endpoints":["/v1/embeddings"],"in_progress":3600})");
    }
    void lose_database_and_go_on(unsigned jobs) {
        bench.daemon().kill();
        bench.lose_database();
        ASSERT_EQ(bench.run({"recover"}), 0);
        bench.provider().change_settings(R"({"create_endpoints":["/v1/embeddings","/v1/chat/completions"]})");
        bench.start();
        ASSERT_TRUE(bench.wait_until([&] {
            return bench.database().count("batches WHERE attempt = 2 AND phase = 'collected'") == jobs;
        })) << bench.log();
        bench.provider().advance_clock(std::chrono::hours(2));
        ASSERT_TRUE(bench.wait_for_jobs(jobs)) << bench.log();
    }
    bool wait_for_answers(unsigned jobs) {
        return bench.wait_until([&] {
            return bench.database().count("batches WHERE attempt = 2 AND phase = 'collected'") == jobs &&
                   bench.database().count("batches WHERE attempt = 1 AND phase = 'watching'") == jobs;
        });
    }
};

TEST_F(LostFallbackTest, WhatWasAnsweredThereIsNotSentInABatchOnceThereIsOne) {
    start_with(file_of({chat_line("a"), chat_line("b"), embedding_line("e")}));
    ASSERT_TRUE(wait_for_answers(1)) << bench.log();
    lose_database_and_go_on(1);
    EXPECT_EQ(published().output_ids(), (std::vector<std::string>{"a", "b", "e"}));
    EXPECT_EQ(of_gpu("paid"), 2U);
    EXPECT_EQ(rows_paid_in_batches(), 1U);
    EXPECT_EQ(value("SELECT outcome FROM batches WHERE attempt = 1 AND endpoint LIKE '%chat%'"), "no_batch");
}

TEST_F(LostFallbackTest, NorInOneThatOthersShare) {
    start();
    for (const char* name : {"one", "two"}) {
        drop(file_of({chat_line(name), embedding_line(std::string(name) + "-e")}), name);
        ASSERT_TRUE(wait_for_answers(name == std::string("one") ? 1 : 2)) << bench.log();
    }
    lose_database_and_go_on(2);
    EXPECT_EQ(published("one").output_ids(), (std::vector<std::string>{"one", "one-e"}));
    EXPECT_EQ(of_gpu("paid"), 2U);
    EXPECT_EQ(rows_paid_in_batches(), 2U);
}

}  // namespace
}  // namespace batchd::testing
