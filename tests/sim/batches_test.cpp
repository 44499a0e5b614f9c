// The Batches API over HTTP, with a clock that stands still.
#include <set>

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

constexpr const char* kSlow = R"({"validating":10,"in_progress":60,"finalizing":5,"cancelling":600})";

struct BatchesTest : ::testing::Test {
    SimFixture sim;
    void SetUp() override { sim.server().change_settings(kSlow); }

    std::vector<std::string> listed(const std::string& query) {
        std::vector<std::string> ids;
        const json::value page = sim.get("/v1/batches" + query).json();
        for (const json::value& batch : page.at("data").as_array())
            ids.emplace_back(batch.at("id").as_string());
        return ids;
    }
    std::vector<std::string> create_many(std::size_t count) {
        std::vector<std::string> ids;
        for (std::size_t i = 0; i < count; ++i) ids.insert(ids.begin(), sim.create(chat_rows(1)));
        return ids;
    }
    json::value report() { return json::parse(sim.server().report()); }
};

TEST_F(BatchesTest, EachStatusLastsAsLongAsTheScheduleSays) {
    const std::string id = sim.create(chat_rows(10));
    sim.advance(9.999);
    EXPECT_EQ(sim.status(id), "validating");
    sim.advance(0.001);
    EXPECT_EQ(sim.status(id), "in_progress");
    sim.advance(30);
    EXPECT_EQ(sim.batch(id).at("request_counts").at("completed"), 5);
    sim.advance(30);
    EXPECT_EQ(sim.status(id), "finalizing");
    sim.advance(5);
    EXPECT_EQ(sim.status(id), "completed");
}

TEST_F(BatchesTest, TimesAreThoseOfTheScheduleHoweverLateSomebodyAsks) {
    const std::string id = sim.create(chat_rows(1));
    sim.advance(86400);
    const json::value batch = sim.batch(id);
    const std::int64_t created = batch.at("created_at").as_int64();
    EXPECT_EQ(batch.at("in_progress_at"), created + 10);
    EXPECT_EQ(batch.at("finalizing_at"), created + 70);
    EXPECT_EQ(batch.at("completed_at"), created + 75);
}

TEST_F(BatchesTest, ABatchThatIsToExpireFinishesAShareOfItsRows) {
    sim.server().change_settings(R"({"expire_batch":[2],"expire_done":0.3})");
    const std::string first = sim.create(chat_rows(10));
    const std::string second = sim.create(chat_rows(10));
    sim.advance(75);
    EXPECT_EQ(sim.status(first), "completed");
    const json::value batch = sim.batch(second);
    EXPECT_EQ(batch.at("status"), "expired");
    EXPECT_EQ(batch.at("expires_at"), batch.at("created_at").as_int64() + 70);
    EXPECT_EQ(batch.at("request_counts").at("completed"), 0);
    const std::string output = sim.content(batch.at("output_file_id"));
    const std::string errors = sim.content(batch.at("error_file_id"));
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 3);
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 7);
    EXPECT_NE(errors.find("\"batch_expired\""), std::string::npos);
}

TEST_F(BatchesTest, WorkThatTakesLongerThanTheWindowExpires) {
    sim.server().change_settings(R"({"validating":0,"in_progress":172800})");
    const std::string id = sim.create(chat_rows(5));
    sim.advance(86400 - 1);
    EXPECT_EQ(sim.status(id), "in_progress");
    sim.advance(1 + 5);
    const json::value batch = sim.batch(id);
    EXPECT_EQ(batch.at("status"), "expired");
    EXPECT_EQ(batch.at("finalizing_at"), batch.at("expires_at"));
    const std::string output = sim.content(batch.at("output_file_id"));
    EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 2);
}

TEST_F(BatchesTest, CancellingTakesItsTimeAndResetsTheCounters) {
    const std::string id = sim.create(chat_rows(10));
    sim.advance(10 + 30);
    EXPECT_EQ(sim.post("/v1/batches/" + id + "/cancel", "").json().at("status"), "cancelling");
    sim.advance(599);
    EXPECT_EQ(sim.status(id), "cancelling");
    sim.advance(1);
    const json::value batch = sim.batch(id);
    EXPECT_EQ(batch.at("status"), "cancelled");
    EXPECT_EQ(batch.at("request_counts").at("total"), 10);
    EXPECT_EQ(batch.at("request_counts").at("completed"), 0);
    EXPECT_TRUE(batch.at("finalizing_at").is_null());
    EXPECT_EQ(sim.post("/v1/batches/" + id + "/cancel", "").status, 200U);
}

TEST_F(BatchesTest, ACancelCanThrowAwayWhatWasDone) {
    sim.server().change_settings(R"({"cancel_keeps":"errors"})");
    const std::string id = sim.create(chat_rows(4));
    sim.advance(60);
    sim.post("/v1/batches/" + id + "/cancel", "");
    sim.advance(600);
    const json::value batch = sim.batch(id);
    EXPECT_TRUE(batch.at("output_file_id").is_null());
    const std::string errors = sim.content(batch.at("error_file_id"));
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 4);
}

TEST_F(BatchesTest, AnEndedBatchCanNotBeCancelled) {
    const std::string id = sim.create(chat_rows(1));
    sim.advance(75);
    const Answer answer = sim.post("/v1/batches/" + id + "/cancel", "");
    EXPECT_EQ(answer.status, 409U);
    EXPECT_EQ(answer.json().at("error").at("message"), "Cannot cancel a batch with status 'completed'.");
    EXPECT_EQ(sim.post("/v1/batches/batch_none/cancel", "").status, 404U);
}

TEST_F(BatchesTest, ListsNewestFirstPageByPage) {
    const auto ids = create_many(5);
    EXPECT_EQ(listed("?limit=2"), (std::vector{ids[0], ids[1]}));
    EXPECT_EQ(listed("?limit=2&after=" + ids[1]), (std::vector{ids[2], ids[3]}));
    EXPECT_EQ(listed("?limit=2&after=" + ids[3]), (std::vector{ids[4]}));
    EXPECT_TRUE(listed("?after=" + ids[4]).empty());
    EXPECT_EQ(sim.get("/v1/batches?limit=4").json().at("has_more"), true);
    EXPECT_EQ(sim.get("/v1/batches?limit=5").json().at("has_more"), false);
}

TEST_F(BatchesTest, RefusesALimitOutOfRange) {
    for (const char* query : {"?limit=0", "?limit=101", "?limit=-1", "?limit=x", "?limit="})
        EXPECT_EQ(sim.get("/v1/batches" + std::string(query)).status, 400U) << query;
    EXPECT_EQ(sim.get("/v1/batches?limit=100").status, 200U);
    EXPECT_EQ(sim.get("/v1/batches?after=batch_none").status, 404U);
}

TEST_F(BatchesTest, CanSkipOrRepeatRowsOfTheSameSecondAtAPageEdge) {
    const auto ids = create_many(4);
    sim.server().change_settings(R"({"list_ties":"skip"})");
    EXPECT_EQ(listed("?limit=2&after=" + ids[0]), (std::vector{ids[2], ids[3]}));
    sim.server().change_settings(R"({"list_ties":"repeat"})");
    EXPECT_EQ(listed("?limit=2&after=" + ids[0]), (std::vector{ids[0], ids[1]}));
}

TEST_F(BatchesTest, ListingsCanLagBehind) {
    sim.server().change_settings(R"({"list_lag":30})");
    const std::string id = sim.create(chat_rows(1));
    EXPECT_TRUE(listed("").empty());
    EXPECT_EQ(sim.get("/v1/batches/" + id).status, 200U);
    sim.advance(30);
    EXPECT_EQ(listed(""), std::vector{id});
}

TEST_F(BatchesTest, TheTokenLimitHoldsForBatchesThatRun) {
    const std::string rows = chat_rows(10);
    sim.server().change_settings(R"({"token_limits":{"m":)" + std::to_string(rows.size() / 4) + "}}");
    const std::string first = sim.create(rows);
    sim.advance(10);
    const std::string second = sim.create(rows);
    sim.advance(10);
    EXPECT_EQ(sim.batch(second).at("errors").at("data").at(0).at("code"), "token_limit_exceeded");
    sim.advance(100);
    EXPECT_EQ(sim.status(first), "completed");
    const std::string third = sim.create(rows);
    sim.advance(75);
    EXPECT_EQ(sim.status(third), "completed");
}

TEST_F(BatchesTest, TheTokenLimitCanBeToldAtCreate) {
    sim.server().change_settings(R"({"token_limits":{"m":10},"token_limit_answer":"429"})");
    const Answer answer = sim.create_answer(sim.upload(chat_rows(10)));
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.json().at("error").at("code"), "token_limit_exceeded");
}

TEST_F(BatchesTest, AnAccountMakesSoManyBatchesInAnHour) {
    sim.server().change_settings(R"({"batches_per_hour":2})");
    const std::string file = sim.upload(chat_rows(1));
    EXPECT_EQ(sim.create_answer(file).status, 200U);
    sim.advance(600);
    EXPECT_EQ(sim.create_answer(file).status, 200U);
    const Answer refused = sim.create_answer(file);
    EXPECT_EQ(refused.status, 429U);
    EXPECT_EQ(refused.json().at("error").at("code"), "rate_limit_exceeded");
    EXPECT_FALSE(refused.fields.contains("retry-after"));
    EXPECT_EQ(listed("").size(), 2U);
    // An hour after the first there is room for one, and not for two.
    sim.advance(3000);
    EXPECT_EQ(sim.create_answer(file).status, 200U);
    EXPECT_EQ(sim.create_answer(file).status, 429U);
}

TEST_F(BatchesTest, TheWaitForTheNextHourCanBeNamedAndIsEachAccountsOwn) {
    sim.server().change_settings(R"({"batches_per_hour":1,"batches_wait":"retry-after"})");
    sim.create(chat_rows(1));
    sim.advance(1000.5);
    EXPECT_EQ(sim.create_answer(sim.upload(chat_rows(1))).fields.at("retry-after"), "2600");
    sim.post("/admin/keys", R"({"key":"sk-b","account":"b"})");
    Call call{
        .method = "POST",
        .path = "/v1/batches",
        .body =
            R"({"input_file_id":"file-none","endpoint":"/v1/chat/completions","completion_window":"24h"})",
        .fields = {{"Authorization", "Bearer sk-b"}}};
    EXPECT_EQ(send(sim.server().port(), call).status, 200U);
}

TEST_F(BatchesTest, AMissingFileFailsLaterOrIsRefusedAtOnce) {
    const std::string id(sim.create_answer("file-none").json().at("id").as_string());
    sim.advance(10);
    EXPECT_EQ(sim.status(id), "failed");
    sim.server().change_settings(R"({"missing_file":"400"})");
    EXPECT_EQ(sim.create_answer("file-none").status, 400U);
}

TEST_F(BatchesTest, CanBeForcedToExpireFailOrFinish) {
    const std::string expired = sim.create(chat_rows(4));
    const std::string failed = sim.create(chat_rows(4));
    const std::string finished = sim.create(chat_rows(4));
    EXPECT_EQ(sim.post("/admin/batches/" + expired, R"({"action":"expire","done":0.5})").json().at("status"),
              "expired");
    EXPECT_EQ(
        sim.post("/admin/batches/" + failed, R"({"action":"fail","errors":[{"code":"x","message":"y"}]})")
            .json()
            .at("errors")
            .at("data")
            .at(0)
            .at("code"),
        "x");
    EXPECT_EQ(sim.post("/admin/batches/" + finished, R"({"action":"finish"})").json().at("status"),
              "completed");
    EXPECT_EQ(sim.post("/admin/batches/" + finished, R"({"action":"fail"})").status, 409U);
    EXPECT_EQ(sim.post("/admin/batches/" + finished, R"({})").status, 400U);
}

TEST_F(BatchesTest, TheLedgerTellsATwinFromARetry) {
    const std::string file = sim.upload(chat_rows(2));
    sim.create_answer(file);
    EXPECT_EQ(report().at("violation_count"), 0);
    sim.create_answer(file);
    EXPECT_EQ(report().at("violation_count"), 1);  // the second create
    sim.advance(10);
    EXPECT_EQ(report().at("violation_count"), 3);  // and each of its two rows
}

TEST_F(BatchesTest, TheReportKnowsBatchesRowsAndRoutes) {
    const std::string id = sim.create(chat_rows(2), R"(,"metadata":{"batchd_key":"k","batchd_job":"j"})");
    sim.advance(75);
    const json::value report = this->report();
    EXPECT_EQ(report.at("batches").at(0).at("id"), json::string_view(id));
    EXPECT_EQ(report.at("batches").at(0).at("input_sha256").as_string().size(), 64U);
    EXPECT_EQ(report.at("creates_by_batchd_key").at("k"), 1);
    EXPECT_EQ(report.at("rows").at("j").at("row-1"), 1);
    EXPECT_EQ(report.at("requests").at("POST /v1/batches"), 1);
    EXPECT_EQ(report.at("files_uploaded"), 1);
    EXPECT_FALSE(sim.get("/admin/report?rows=0").json().as_object().contains("rows"));
}

}  // namespace
}  // namespace batchd::sim
