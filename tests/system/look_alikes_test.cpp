// The daemon with services that speak like OpenAI: each is a table in the configuration, and none is code.
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "config/load.hpp"
#include "system/requests.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

struct LookAlikesTest : SystemTest {
    /// Five requests go through, each is paid for once.
    void expect_done() {
        bench.drop("articles", articles(5));
        EXPECT_EQ(bench.run_once(), 0);
        EXPECT_EQ(bench.job_state("articles"), "done");
        EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
        EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<unsigned>(), 0U);
    }
};

TEST_F(LookAlikesTest, WhatAzureAnswersIsUnderstood) {
    bench.imitate(
        R"({"like":"azure","base_path":"/v1","auth":"bearer","processing":0,"create_endpoints":[]})");
    expect_done();
}

TEST_F(LookAlikesTest, AzuresRefusalForTooManyTokensIsWaitedWith) {
    bench.imitate(R"({"like":"azure","base_path":"/v1","auth":"bearer","processing":0,"create_endpoints":[],
                      "in_progress":0.5,"token_limits":{"gpt-4o-mini":1000}})");
    bench.set("batch.max_requests", "10");
    bench.drop("articles", articles(30));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.job_state("articles"), "done");
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(30));
}

TEST_F(LookAlikesTest, OneWithWordsOfItsOwn) {
    bench.imitate(R"({"like":"siliconflow","validating":0.3})");
    expect_done();
}

TEST_F(LookAlikesTest, OneWithEndpointsOfItsOwn) {
    bench.imitate(R"({"like":"zhipu"})");
    bench.set("batch.endpoint", "\"/v4/chat/completions\"");
    std::vector<std::string> lines;
    for (const std::string& id : article_ids(5))
        lines.push_back(R"({"custom_id":")" + id +
                        R"(","body":{"model":"glm","messages":[{"role":"user","content":"Hello"}]}})");
    bench.drop("articles", file_of(lines));
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.published("articles").output_ids(), article_ids(5));
}

TEST_F(LookAlikesTest, OneThatKeepsNoMetadataAndShowsNoFiles) {
    bench.imitate(R"({"like":"kluster","windows":["24h"],"in_progress":0.5})");
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    expect_done();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U) << "found by its input file, and not made again";
}

/// What needs a table in the configuration.
using LookAlikeTablesTest = LookAlikesTest;

TEST_F(LookAlikeTablesTest, AzureInItsFormOfToday) {
    bench.imitate(R"({"like":"azure","processing":0.3})");
    bench.set("provider.kind", "\"azure\"");
    expect_done();
    EXPECT_EQ(bench.requests_to("POST /v1/files"), 1U) << "a file that is looked through is not sent again";
}

TEST_F(LookAlikeTablesTest, AzureWithAnApiVersion) {
    bench.imitate(R"({"like":"azure-api-version","processing":0.3})");
    bench.set("provider.kind", "\"azure\"");
    bench.set("provider.query", "\"api-version=2024-10-21\"");
    bench.set("provider.list_field", "\"value\"");
    expect_done();
}

TEST_F(LookAlikeTablesTest, AKeyThatChangesEveryHourIsNoOtherAccountAtAzure) {
    bench.imitate(R"({"like":"azure","processing":0,"in_progress":1})");
    bench.set("provider.kind", "\"azure\"");
    bench.drop("articles", articles(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_requests_to("POST /v1/batches", 1));
    bench.provider().set_key("sk-practice-another-token");
    replace_file(bench.key_file(), "sk-practice-another-token\n").value();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.job_state("articles"), "done");
    bench.stop();
}

TEST_F(LookAlikeTablesTest, OneWithWindowsOfItsOwn) {
    bench.imitate(R"({"like":"groq"})");
    bench.set("provider.windows", R"(["24h", "7d"])");
    bench.set("provider.max_bytes", "\"100MB\"");
    bench.set("batch.max_bytes", "\"100MB\"");
    bench.set("batch.completion_window", "\"7d\"");
    expect_done();
}

TEST_F(LookAlikeTablesTest, OneWithWordsThatNobodyKnows) {
    bench.imitate(R"({"status_words":{"validating":"resting","completed":"served"},"validating":0.3})");
    bench.set("provider.status_words", R"({ "resting" = "validating", "served" = "completed" })");
    expect_done();
}

TEST_F(LookAlikeTablesTest, OneWhoseWordForAFailureNobodyKnows) {
    bench.imitate(R"({"status_words":{"failed":"sour"},"fail_batch":[1],)"
                  R"("fail_errors":[{"code":"server_error","message":"Oops."}]})");
    bench.set("provider.status_words", R"({ "sour" = "failed" })");
    expect_done();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 2U) << "the one that failed is sent again";
}

TEST_F(LookAlikeTablesTest, OneThatRefusesMetadataAndListsNoFiles) {
    bench.imitate(R"({"metadata":"refuse","no_lists":["files"],"in_progress":0.5})");
    bench.set("provider.metadata", "false");
    bench.set("provider.list_files", "false");
    bench.provider().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    expect_done();
    EXPECT_EQ(bench.requests_to("POST /v1/batches"), 1U) << "found by its input file, and not made again";
}

TEST_F(LookAlikeTablesTest, TheTablesOfTheReadmeAreUnderstood) {
    const std::string readme = slurp(BATCHD_README);
    const std::size_t chapter = readme.find("## Other providers");
    const std::size_t end = readme.find("\n## ", chapter);
    unsigned count = 0;
    for (std::size_t at = readme.find("```toml\n", chapter); at < end; at = readme.find("```toml\n", at)) {
        at += 8;
        const std::string table = readme.substr(at, readme.find("```", at) - at);
        const auto loaded = config::load_text(table, "README.md", {});
        EXPECT_TRUE(loaded) << to_string(loaded.error().front()) << "\n" << table;
        ++count;
    }
    EXPECT_EQ(count, 5U);
}

}  // namespace
}  // namespace batchd::testing
