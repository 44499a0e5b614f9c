// Services that speak like OpenAI, each in its own way.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "sim/entrance.hpp"
#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

struct PresetsTest : ::testing::Test {
    SimFixture sim;

    void set(const std::string& text) { sim.server().change_settings(text); }
    Answer ask(std::string path, std::map<std::string, std::string> fields) {
        return send(sim.server().port(), {.path = std::move(path), .body = "", .fields = std::move(fields)});
    }
    Answer create(const std::string& file, const std::string& endpoint, const std::string& window) {
        return sim.post("/v1/batches", R"({"input_file_id":")" + file + R"(","endpoint":")" + endpoint +
                                           R"(","completion_window":")" + window + "\"}");
    }
};

TEST_F(PresetsTest, EachIsMadeOfSettings) {
    EXPECT_GE(presets().size(), 6U);
    for (const auto& [name, preset] : presets()) {
        Settings settings;
        const auto done = apply(settings, {{"like", name}});
        EXPECT_TRUE(done) << name << ": " << to_string(done.error());
        EXPECT_NE(to_json(settings), to_json(Settings())) << name;
    }
}

TEST_F(PresetsTest, LikenessComesFirstWhateverTheOrder) {
    Settings settings;
    ASSERT_TRUE(apply(settings, {{"processing", 1}, {"like", "azure"}}));
    EXPECT_EQ(settings.processing, 1);
    EXPECT_EQ(settings.rows_max, 100'000U);
    const auto unknown = apply(settings, {{"like", "nobody"}});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().context.rfind("like must be one of azure, azure-api-version", 0), 0U);
}

TEST_F(PresetsTest, TheApiIsWhereTheServiceHasIt) {
    set(R"({"base_path":"/openai/v1"})");
    EXPECT_TRUE(sim.server().base_url().ends_with("/openai/v1"));
    EXPECT_EQ(sim.get("/openai/v1/batches").status, 200U);
    EXPECT_EQ(sim.get("/v1/batches").status, 404U);
    EXPECT_EQ(sim.get("/openai/deployments/d/batches").status, 404U);
}

TEST_F(PresetsTest, AQueryMayBeAskedForOnEveryCall) {
    set(R"({"required_query":"api-version","texts":"azure"})");
    EXPECT_EQ(sim.get("/v1/batches?limit=1&api-version=2024-10-21").status, 200U);
    const Answer without = sim.get("/v1/batches?limit=1");
    EXPECT_EQ(without.status, 404U);
    EXPECT_EQ(without.json().at("error").at("message"), "Resource not found");
}

TEST_F(PresetsTest, TheKeyIsLookedForWhereTheServiceLooks) {
    const std::map<std::string, std::string> bearer = {{"Authorization", "Bearer sk-sim"}};
    const std::map<std::string, std::string> own = {{"api-key", "sk-sim"}};
    EXPECT_EQ(ask("/v1/batches", own).status, 401U);
    set(R"({"auth":"either"})");
    EXPECT_EQ(ask("/v1/batches", own).status, 200U);
    EXPECT_EQ(ask("/v1/batches", bearer).status, 200U);
    set(R"({"auth":"api-key"})");
    EXPECT_EQ(ask("/v1/batches", bearer).status, 401U);
    EXPECT_EQ(ask("/v1/batches", {{"api-key", "other"}}).status, 401U);
}

TEST_F(PresetsTest, AFileIsPendingBeforeABatchCanBeMadeOfIt) {
    set(R"({"processing":5})");
    const std::string file = sim.upload(chat_rows(1));
    EXPECT_EQ(sim.get("/v1/files/" + file).json().at("status"), "pending");
    EXPECT_EQ(sim.create_answer(file).status, 400U);
    sim.advance(5);
    EXPECT_EQ(sim.get("/v1/files/" + file).json().at("status"), "processed");
    EXPECT_EQ(sim.create_answer(file).status, 200U);
}

TEST_F(PresetsTest, TheLinesMayDecideWhichApiTheyWant) {
    set(R"({"create_endpoints":["/chat/completions"],"line_urls":["/v1/chat/completions","/v1/responses"]})");
    const std::string file = sim.upload(chat_rows(2));
    const json::value created = create(file, "/chat/completions", "24h").json();
    const json::value batch = sim.batch(created.at("id").as_string());
    ASSERT_EQ(batch.at("status"), "completed") << json::serialize(batch);
    EXPECT_NE(sim.content(batch.at("output_file_id")).find("\"choices\""), std::string::npos);
    EXPECT_EQ(create(file, "/v1/chat/completions", "24h").status, 400U);
}

TEST_F(PresetsTest, EndpointsHaveOneNameEach) {
    EXPECT_EQ(plain_endpoint("/v4/chat/completions"), "/v1/chat/completions");
    EXPECT_EQ(plain_endpoint("/chat/completions"), "/v1/chat/completions");
    EXPECT_EQ(plain_endpoint("/v1/embeddings"), "/v1/embeddings");
}

TEST_F(PresetsTest, WindowsAreTheServicesOwn) {
    set(R"({"like":"kimi"})");
    const std::string file = sim.upload(chat_rows(1));
    EXPECT_EQ(create(file, "/v1/chat/completions", "24h").status, 400U);
    EXPECT_EQ(create(file, "/v1/chat/completions", "3d").status, 200U);
}

TEST_F(PresetsTest, MetadataMayBeRefusedOrDropped) {
    set(R"({"metadata":"refuse"})");
    const std::string file = sim.upload(chat_rows(1));
    EXPECT_EQ(sim.create_answer(file, R"(,"metadata":{"k":"v"})").status, 400U);
    set(R"({"metadata":"drop"})");
    const json::value created = sim.create_answer(file, R"(,"metadata":{"k":"v"})").json();
    EXPECT_TRUE(created.at("metadata").is_null());
    EXPECT_TRUE(sim.get("/v1/batches").json().at("data").at(0).at("metadata").is_null());
}

TEST_F(PresetsTest, ListingsMayStandElsewhereOrNotBeThere) {
    sim.create(chat_rows(1));
    set(R"({"list_field":"value"})");
    EXPECT_EQ(sim.get("/v1/batches").json().at("value").as_array().size(), 1U);
    EXPECT_EQ(sim.get("/v1/files").json().at("value").as_array().size(), 2U);
    set(R"({"no_lists":["files"],"single_files":false})");
    EXPECT_EQ(sim.get("/v1/batches").status, 200U);
    EXPECT_EQ(sim.get("/v1/files").status, 405U) << "one may upload there";
    EXPECT_EQ(sim.get("/v1/files/file-1").status, 405U);
}

TEST_F(PresetsTest, AnAnswerHasTheServicesWordsAndShapes) {
    set(R"({"status_words":{"completed":"SUCCESS"},"answer_field":"job","create_status":202})");
    const Answer created = sim.create_answer(sim.upload(chat_rows(1)));
    EXPECT_EQ(created.status, 202U);
    const json::value job = created.json().at("job");
    EXPECT_EQ(sim.batch(job.at("id").as_string()).at("status"), "SUCCESS");
    EXPECT_EQ(sim.get("/v1/batches").json().at("data").at(0).at("status"), "SUCCESS");
}

}  // namespace
}  // namespace batchd::sim
