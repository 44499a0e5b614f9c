#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

/// A server that answers a request at once, as far as clients can tell it from the real ones.
struct DirectApiTest : ::testing::Test {
    SimFixture sim;

    Answer ask(const std::string& question) {
        return sim.post("/v1/chat/completions",
                        R"({"model":"m","messages":[{"role":"user","content":")" + question + R"("}]})");
    }
    boost::json::value direct() { return sim.get("/admin/report").json().at("direct"); }
};

TEST_F(DirectApiTest, AnswersEachEndpointInItsShape) {
    EXPECT_EQ(ask("Hello there").json().at("choices").at(0).at("message").at("content"), "Hello there");
    const Answer embedding = sim.post("/v1/embeddings", R"({"model":"m","input":"Hello","dimensions":3})");
    EXPECT_EQ(embedding.json().at("data").at(0).at("embedding").as_array().size(), 3U);
    const Answer response = sim.post("/v1/responses", R"({"model":"m","input":"Hello"})");
    EXPECT_EQ(response.json().at("status"), "completed");
    EXPECT_TRUE(response.fields.contains("x-request-id"));
    EXPECT_EQ(sim.get("/v1/models").status, 200U);
}

TEST_F(DirectApiTest, CountsWhatWasPaidByTheQuestion) {
    ask("one");
    ask("two");
    ask("two");
    EXPECT_EQ(direct().at("paid"), 3);
    EXPECT_EQ(direct().at("paid_again"), 1);
    EXPECT_EQ(direct().at("by_question").at("two"), 2);
}

TEST_F(DirectApiTest, RefusesWhatIsWrongAsTheServiceDoes) {
    EXPECT_EQ(sim.post("/v1/chat/completions", "{").status, 400U);
    EXPECT_EQ(sim.post("/v1/chat/completions", R"({"model":"m"})").status, 400U);
    sim.post("/admin/settings", R"({"unknown_models":["m"]})");
    EXPECT_EQ(ask("one").json().at("error").at("code"), "model_not_found");
    EXPECT_EQ(direct().at("paid"), 0);
}

TEST_F(DirectApiTest, AnAllowanceIsToldOnEachAnswerAndRunsOut) {
    sim.post("/admin/settings", R"({"direct_requests_per_minute":2,"direct_wait":"retry-after"})");
    const Answer first = ask("one");
    EXPECT_EQ(first.fields.at("x-ratelimit-limit-requests"), "2");
    EXPECT_EQ(first.fields.at("x-ratelimit-remaining-requests"), "1");
    EXPECT_EQ(ask("two").status, 200U);
    const Answer third = ask("three");
    EXPECT_EQ(third.status, 429U);
    EXPECT_NE(third.body.find("Please try again in "), std::string::npos) << third.body;
    EXPECT_TRUE(third.fields.contains("retry-after"));
    EXPECT_EQ(direct().at("refused"), 1);
}

TEST_F(DirectApiTest, AModelThatIsLoadingAnswersNothing) {
    sim.post("/admin/settings", R"({"direct_loading":true})");
    const Answer answer = ask("one");
    EXPECT_EQ(answer.status, 503U);
    EXPECT_EQ(answer.json().at("error").at("message"), "Loading model");
    sim.post("/admin/settings", R"({"direct_loading":false})");
    EXPECT_EQ(ask("one").status, 200U);
}

TEST_F(DirectApiTest, ARuleForRowsIsAboutTheQuestion) {
    sim.post("/admin/settings", R"({"rows":[{"match":"*two","status":500,"runs_max":1}]})");
    EXPECT_EQ(ask("number two").status, 500U);
    EXPECT_EQ(ask("number two").status, 200U);
    EXPECT_EQ(direct().at("paid"), 1);
}

}  // namespace
}  // namespace batchd::sim
