#include "sim/faults.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

TEST(RouteTest, AStarStandsForOneSegment) {
    EXPECT_TRUE(route_matches("GET /v1/files/*/content", "GET", "/v1/files/file-1/content"));
    EXPECT_FALSE(route_matches("GET /v1/files/*", "GET", "/v1/files/file-1/content"));
    EXPECT_FALSE(route_matches("GET /v1/files/*", "GET", "/v1/files"));
    EXPECT_FALSE(route_matches("GET /v1/files", "POST", "/v1/files"));
    EXPECT_TRUE(route_matches("* /v1/files", "POST", "/v1/files"));
    EXPECT_TRUE(route_matches("*", "GET", "/anything"));
}

TEST(FaultsTest, SkipsFirstThenHitsAsOftenAsAsked) {
    Faults faults;
    ASSERT_TRUE(faults.add(boost::json::parse(R"({"route":"GET /a","action":"status","skip":1,"times":2})")));
    EXPECT_FALSE(faults.take({"GET", "/a"}));
    EXPECT_TRUE(faults.take({"GET", "/a"}));
    EXPECT_FALSE(faults.take({"GET", "/b"}));
    EXPECT_TRUE(faults.take({"GET", "/a"}));
    EXPECT_FALSE(faults.take({"GET", "/a"}));
}

TEST(FaultsTest, RefusesWhatItDoesNotKnow) {
    Faults faults;
    for (const char* text :
         {"[]", R"({"action":"status"})", R"({"route":"*","action":"explode"})", R"({"route":"*"})",
          R"({"route":"*","action":"status","status":99})", R"({"route":"*","action":"status","headers":[]})",
          R"({"route":"*","action":"status","tmes":1})"})
        EXPECT_FALSE(faults.add(boost::json::parse(text))) << text;
    EXPECT_EQ(faults.size(), 0U);
}

struct FaultTest : ::testing::Test {
    SimFixture sim;
    std::string completed_output() {
        const std::string id = sim.create(chat_rows(100));
        return "/v1/files/" + std::string(sim.batch(id).at("output_file_id").as_string()) + "/content";
    }
    std::int64_t batches() {
        return static_cast<std::int64_t>(sim.get("/v1/batches").json().at("data").as_array().size());
    }
};

TEST_F(FaultTest, AStatusHasItsHeadersAndNoEffect) {
    sim.server().add_fault(
        R"({"route":"POST /v1/batches","action":"status","status":429,"headers":{"Retry-After":"7"},"body":"<html>"})");
    const Answer answer = sim.create_answer(sim.upload(chat_rows(1)));
    EXPECT_EQ(answer.status, 429U);
    EXPECT_EQ(answer.fields.at("retry-after"), "7");
    EXPECT_EQ(answer.fields.at("content-type"), "text/html");
    EXPECT_EQ(batches(), 0);
}

TEST_F(FaultTest, AResetBeforeHasNoEffectAndOneAfterHas) {
    const std::string file = sim.upload(chat_rows(1));
    sim.server().add_fault(R"({"route":"POST /v1/batches","action":"reset_before"})");
    EXPECT_EQ(sim.create_answer(file).status, 0U);
    EXPECT_EQ(batches(), 0);
    sim.server().add_fault(R"({"route":"POST /v1/batches","action":"reset_after"})");
    EXPECT_EQ(sim.create_answer(file).status, 0U);
    EXPECT_EQ(batches(), 1);
}

TEST_F(FaultTest, AStatusAfterTakesEffectAllTheSame) {
    sim.server().add_fault(R"({"route":"POST /v1/batches","action":"status_after","status":504})");
    EXPECT_EQ(sim.create_answer(sim.upload(chat_rows(1))).status, 504U);
    EXPECT_EQ(batches(), 1);
}

TEST_F(FaultTest, AGarbageBodyIsNoJson) {
    sim.server().add_fault(R"({"route":"POST /v1/batches","action":"garbage_body"})");
    const Answer answer = sim.create_answer(sim.upload(chat_rows(1)));
    EXPECT_EQ(answer.status, 200U);
    EXPECT_THROW(answer.json(), std::runtime_error);
    EXPECT_EQ(batches(), 1);
}

TEST_F(FaultTest, ATruncatedDownloadAnnouncesItsFullLength) {
    const std::string path = completed_output();
    const std::string whole = sim.get(path).body;
    for (const char* action : {"truncate", "wrong_length", "chunk_cut"}) {
        sim.server().add_fault(R"({"route":"GET /v1/files/*/content","bytes":100,"delta":50,"action":")" +
                               std::string(action) + "\"}");
        const Answer cut = sim.get(path);
        EXPECT_FALSE(cut.complete) << action;
        EXPECT_LE(cut.body.size(), whole.size()) << action;
    }
    EXPECT_EQ(sim.get(path).body, whole);
}

TEST_F(FaultTest, ARedirectSaysWhere) {
    sim.server().add_fault(
        R"({"route":"GET /v1/files/*/content","action":"redirect","location":"http://127.0.0.1:1/x"})");
    const Answer answer = sim.get(completed_output());
    EXPECT_EQ(answer.status, 302U);
    EXPECT_EQ(answer.fields.at("location"), "http://127.0.0.1:1/x");
}

TEST_F(FaultTest, HitsOnlyWhatIsAboutABatchOrHasAParameter) {
    const std::string first = sim.create(chat_rows(1));
    const std::string second = sim.create(chat_rows(1));
    sim.server().add_fault(
        R"({"route":["GET /v1/batches/*","POST /v1/batches/*/cancel"],"batch":2,"action":"status","times":-1})");
    sim.server().add_fault(R"({"route":"GET /v1/batches","query":"after","action":"status","status":501})");
    EXPECT_EQ(sim.get("/v1/batches/" + first).status, 200U);
    EXPECT_EQ(sim.get("/v1/batches/" + second).status, 500U);
    EXPECT_EQ(sim.post("/v1/batches/" + second + "/cancel", "").status, 500U);
    EXPECT_EQ(sim.get("/v1/batches").status, 200U);
    EXPECT_EQ(sim.get("/v1/batches?after=" + second).status, 501U);
}

TEST_F(FaultTest, LastsFromTheFirstRequestThatItHits) {
    sim.server().add_fault(R"({"route":"GET /v1/batches","action":"status","status":404,"lasts":3})");
    sim.advance(60);
    EXPECT_EQ(sim.get("/v1/batches").status, 404U);
    EXPECT_EQ(sim.get("/v1/batches").status, 404U);
    sim.advance(3);
    EXPECT_EQ(sim.get("/v1/batches").status, 200U);
}

TEST_F(FaultTest, AHalfBodyIsWhole) {
    const std::string path = completed_output();
    const std::string whole = sim.get(path).body;
    sim.server().add_fault(R"({"route":"*","action":"half","times":2})");
    const Answer half = sim.get(path);
    EXPECT_TRUE(half.complete);
    EXPECT_EQ(half.body, whole.substr(0, whole.size() / 2));
    EXPECT_THROW(sim.get("/v1/batches").json(), std::runtime_error);
}

TEST_F(FaultTest, AClaimedGzipIsNone) {
    sim.server().add_fault(R"({"route":"GET /v1/batches","action":"gzip"})");
    const Answer answer = sim.get("/v1/batches");
    EXPECT_EQ(answer.fields.at("content-encoding"), "gzip");
    EXPECT_NO_THROW(answer.json());
}

}  // namespace
}  // namespace batchd::sim
