#include "sim/lies.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

TEST(LiesTest, RefuseWhatTheyDoNotKnow) {
    Lies lies;
    for (const char* text :
         {"[]", "{}", R"({"about":"weather"})", R"({"about":"batch","sett":{}})",
          R"({"about":"batch","set":[]})", R"({"about":"content","damage":"scratched"})",
          R"({"about":"batch","times":"twice"})", R"({"about":"batch","batch":["first"]})"})
        EXPECT_FALSE(lies.add(json::parse(text))) << text;
    EXPECT_TRUE(lies.empty());
}

TEST(LiesTest, AreToldAtSoManyLooksAtEachObject) {
    Lie lie;
    lie.skip = 1;
    lie.times = 2;
    for (const bool told : {false, true, true, false}) EXPECT_EQ(is_told(lie, "one", {}), told);
    EXPECT_FALSE(is_told(lie, "other", {}));
    EXPECT_TRUE(is_told(lie, "other", {}));
}

TEST(LiesTest, LastFromTheFirstTimeTheyAreTold) {
    Lie lie;
    lie.times = -1;
    lie.lasts = Millis(3000);
    const TimePoint begin{std::chrono::hours(5)};
    EXPECT_TRUE(is_told(lie, "one", begin));
    EXPECT_TRUE(is_told(lie, "other", begin + Millis(2999)));
    EXPECT_FALSE(is_told(lie, "one", begin + Millis(3000)));
}

/// A service that lies over HTTP.
struct LiarTest : ::testing::Test {
    SimFixture sim;

    void lie(const std::string& text) { sim.server().add_lie(text); }
    json::array listed(const std::string& query = "") {
        return sim.get("/v1/batches" + query).json().at("data").as_array();
    }
    std::string output_of(const std::string& id) {
        sim.server().clear_lies();
        return "/v1/files/" + std::string(sim.batch(id).at("output_file_id").as_string()) + "/content";
    }
    json::value report() { return json::parse(sim.server().report()); }
};

TEST_F(LiarTest, AMemberIsAnotherOrMissingForTheFirstLooks) {
    const std::string id = sim.create(chat_rows(2));
    lie(R"({"about":"batch","when":{"status":"completed"},"times":2,)"
        R"("set":{"output_file_id":null,"request_counts.completed":0},"drop":["metadata","expires_at"]})");
    for (int look = 0; look < 2; ++look) {
        const json::object batch = sim.batch(id).as_object();
        EXPECT_TRUE(batch.at("output_file_id").is_null());
        EXPECT_EQ(batch.at("request_counts").at("completed"), 0);
        EXPECT_FALSE(batch.contains("metadata") || batch.contains("expires_at"));
    }
    EXPECT_EQ(sim.batch(id).at("request_counts").at("completed"), 2);
}

TEST_F(LiarTest, AStatusMayBeAnything) {
    lie(R"({"about":"batch","in":["create"],"set":{"status":7}})");
    lie(R"({"about":"batch","in":["get"],"drop":["status"]})");
    lie(R"({"about":"batch","in":["list"],"set":{"status":"terminated"}})");
    const json::value created = sim.create_answer(sim.upload(chat_rows(1))).json();
    EXPECT_EQ(created.at("status"), 7);
    EXPECT_EQ(listed().at(0).at("status"), "terminated");
    EXPECT_FALSE(sim.batch(created.at("id").as_string()).as_object().contains("status"));
}

TEST_F(LiarTest, ACreateIsAnsweredWithSomebodyElsesBatch) {
    const std::string theirs = sim.create(chat_rows(1));
    lie(R"({"about":"batch","in":["create"],"batch":2,"instead":1})");
    EXPECT_EQ(sim.create(chat_rows(1)), theirs);
    EXPECT_EQ(listed().size(), 2U);
}

TEST_F(LiarTest, AnUploadIsAnsweredWithSomebodyElsesFile) {
    const std::string theirs = sim.upload(chat_rows(1));
    lie(R"({"about":"file","in":["upload"],"instead":")" + theirs + "\"}");
    EXPECT_EQ(sim.upload(chat_rows(2)), theirs);
    EXPECT_NE(sim.upload(chat_rows(2)), theirs);
}

TEST_F(LiarTest, ABatchIsHiddenFromListingsForATime) {
    const std::string id = sim.create(chat_rows(1));
    lie(R"({"about":"batch","in":["list"],"hide":true,"lasts":3})");
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(sim.batch(id).at("id"), json::string_view(id));
    sim.advance(3);
    EXPECT_EQ(listed().size(), 1U);
}

TEST_F(LiarTest, APageIsFilledAndErrorsAreInflated) {
    const std::string id = sim.create(chat_rows(1));
    lie(R"({"about":"page","in":["batches"],"fill":"data","item":{},"bytes":30000})");
    EXPECT_EQ(listed().size(), 10001U);
    lie(R"({"about":"batch","in":["get"],"fill":"errors.data","item":{"code":"x"},"bytes":2000000})");
    EXPECT_GT(sim.get("/v1/batches/" + id).body.size(), 2000000U);
}

TEST_F(LiarTest, OnlyTheFirstLinesOfAFileAreThereUnderALengthThatFits) {
    const std::string path = output_of(sim.create(chat_rows(3)));
    const std::string whole = sim.get(path).body;
    lie(R"({"about":"content","of":"output","lines":1})");
    const Answer first = sim.get(path);
    EXPECT_TRUE(first.complete);
    EXPECT_EQ(first.body, whole.substr(0, whole.find('\n') + 1));
    EXPECT_EQ(sim.get(path).body, whole);
}

TEST_F(LiarTest, LinesOfAFileAreDamagedForOneDownload) {
    const std::string path = output_of(sim.create(chat_rows(3)));
    const std::string whole = sim.get(path).body;
    lie(R"({"about":"content","damage":"garbage","match":"row-2"})");
    const Answer damaged = sim.get(path);
    EXPECT_EQ(damaged.body.size(), whole.size());
    EXPECT_EQ(damaged.body.find("row-2"), std::string::npos);
    EXPECT_NE(damaged.body.find("row-3"), std::string::npos);
    EXPECT_EQ(sim.get(path).body, whole);
}

TEST_F(LiarTest, ADownloadBringsAnotherBatchesAnswers) {
    const std::string theirs = sim.create(chat_row("theirs"));
    const std::string path = output_of(sim.create(chat_row("ours")));
    lie(R"({"about":"content","batch":2,"instead":1})");
    EXPECT_NE(sim.get(path).body.find("theirs"), std::string::npos);
    EXPECT_NE(sim.get(path).body.find("ours"), std::string::npos);
}

TEST_F(LiarTest, AnotherAccountKnowsNothing) {
    const std::string file = sim.upload(chat_rows(1));
    const std::string id = sim.create(chat_rows(1));
    sim.server().add_key("sk-other", "other");
    const auto as_other = [&](const std::string& path) {
        return send(sim.server().port(),
                    {.path = path, .body = "", .fields = {{"Authorization", "Bearer sk-other"}}});
    };
    EXPECT_EQ(as_other("/v1/batches/" + id).status, 404U);
    EXPECT_EQ(as_other("/v1/files/" + file).status, 404U);
    EXPECT_EQ(as_other("/v1/files/" + file + "/content").status, 404U);
    EXPECT_TRUE(as_other("/v1/batches").json().at("data").as_array().empty());
    EXPECT_TRUE(as_other("/v1/files").json().at("data").as_array().empty());
    EXPECT_EQ(listed().size(), 1U);
}

TEST_F(LiarTest, PlantedBatchesAreListedAsAskedAndNotReported) {
    const std::string ours = sim.create(chat_rows(1));
    sim.server().plant_batches(
        R"({"count":2,"age_seconds":7776000,"first":true,"errors_bytes":5000,"set":{"status":"failed"}})");
    const std::string newer = sim.create(chat_rows(1));
    const json::array all = listed();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all.at(0).at("status"), "failed");
    EXPECT_GT(json::serialize(all.at(1).at("errors")).size(), 5000U);
    EXPECT_LT(all.at(1).at("created_at").as_int64(), all.at(2).at("created_at").as_int64() - 7000000);
    EXPECT_EQ(all.at(2).at("id"), json::string_view(newer));
    EXPECT_EQ(listed("?after=" + newer).at(0).at("id"), json::string_view(ours));
    EXPECT_EQ(report().at("batches").as_array().size(), 2U);
}

TEST_F(LiarTest, AdminRoutesDoTheSame) {
    EXPECT_EQ(sim.post("/admin/lies", R"({"about":"batch","hide":true,"times":-1})").status, 200U);
    EXPECT_EQ(sim.post("/admin/lies", R"({"about":"batch","hid":true})").status, 400U);
    EXPECT_EQ(sim.post("/admin/batches", R"({"count":3})").status, 200U);
    EXPECT_EQ(sim.post("/admin/batches", R"({"count":"many"})").status, 400U);
    EXPECT_EQ(sim.post("/admin/keys", R"({"key":"k","account":"a"})").status, 200U);
    EXPECT_EQ(sim.post("/admin/keys", R"({"key":"k"})").status, 400U);
    EXPECT_TRUE(listed().empty());
    EXPECT_EQ(sim.call("DELETE", "/admin/lies", "").status, 200U);
    EXPECT_EQ(listed().size(), 3U);
}

}  // namespace
}  // namespace batchd::sim
