// Settings under which the service is another one than the strictest.
#include <set>

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "sim/sim_client.hpp"

namespace batchd::sim {
namespace {

namespace json = boost::json;

struct MannersTest : ::testing::Test {
    SimFixture sim;

    void set(const std::string& text) { sim.server().change_settings(text); }
    json::value report() { return json::parse(sim.server().report()); }
    std::vector<std::string> listed() {
        std::vector<std::string> ids;
        const json::value page = sim.get("/v1/batches").json();
        for (const json::value& batch : page.at("data").as_array())
            ids.emplace_back(batch.at("id").as_string());
        return ids;
    }
};

TEST_F(MannersTest, IdsAreAsLongAsAskedFor) {
    set(R"({"batch_id_length":610,"file_id_length":320,"result_file_id_length":600})");
    const std::string file = sim.upload(chat_rows(2));
    const std::string id(sim.create_answer(file).json().at("id").as_string());
    EXPECT_EQ(file.size(), 320U);
    EXPECT_EQ(id.size(), 610U);
    const json::value output = sim.batch(id).at("output_file_id");
    EXPECT_EQ(output.as_string().size(), 600U);
    EXPECT_NE(sim.content(output).find("row-2"), std::string::npos);
}

TEST_F(MannersTest, AListingMayBeInAnotherOrder) {
    const std::string first = sim.create(chat_rows(1));
    const std::string second = sim.create(chat_rows(1));
    EXPECT_EQ(listed(), (std::vector{second, first}));
    set(R"({"list_order":"oldest"})");
    EXPECT_EQ(listed(), (std::vector{first, second}));
    set(R"({"list_order":"shuffled"})");
    const auto shuffled = listed();
    EXPECT_EQ(std::set(shuffled.begin(), shuffled.end()), (std::set{first, second}));
}

TEST_F(MannersTest, BatchesFailAsOrderedAndRunNothing) {
    set(R"({"fail_batch":[1],"failed_files":"empty","fail_errors":[{"code":"x","message":"y","line":3}]})");
    const json::value failed = sim.batch(sim.create(chat_rows(2)));
    EXPECT_EQ(failed.at("status"), "failed");
    EXPECT_EQ(failed.at("errors").at("data").at(0).at("line"), 3);
    EXPECT_EQ(sim.content(failed.at("output_file_id")), "");
    EXPECT_EQ(sim.content(failed.at("error_file_id")), "");
    EXPECT_EQ(sim.status(sim.create(chat_rows(2))), "completed");
    EXPECT_EQ(report().at("rows_paid"), 2);
}

TEST_F(MannersTest, AnErrorNamesItsLineInTheMessageOnlyOrNowhere) {
    set(R"({"unknown_models":["m"],"error_lines":"message","validation_errors":"first"})");
    const auto error = [&] { return sim.batch(sim.create(chat_rows(1))).at("errors").at("data").at(0); };
    EXPECT_TRUE(error().at("line").is_null());
    EXPECT_TRUE(error().at("message").as_string().starts_with("Line 1: "));
    set(R"({"error_lines":"none"})");
    EXPECT_EQ(error().at("message").as_string().find("Line"), json::string::npos);
}

TEST_F(MannersTest, AForbiddenModelIsRefusedInPlainText) {
    set(R"({"forbidden_models":["m"]})");
    const Answer answer = sim.create_answer(sim.upload(chat_rows(1)));
    EXPECT_EQ(answer.status, 403U);
    EXPECT_EQ(answer.fields.at("content-type"), "text/plain");
    EXPECT_TRUE(listed().empty());
}

TEST_F(MannersTest, AGatewayMakesTwoBatchesOfOneCreate) {
    set(R"({"twin_batch":[1],"validating":10,"in_progress":10})");
    const std::string told = sim.create(chat_rows(1), R"(,"metadata":{"batchd_key":"k","batchd_job":"j"})");
    const auto both = listed();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both.front(), told);
    EXPECT_EQ(sim.batch(both.back()).at("metadata").at("batchd_key"), "k");
    EXPECT_EQ(report().at("creates_by_batchd_key").at("k"), 1);
    sim.post("/v1/batches/" + both.back() + "/cancel", "");
    sim.advance(20);
    EXPECT_EQ(report().at("rows_paid_twice"), 0);
    EXPECT_EQ(report().at("violation_count"), 0);
}

TEST_F(MannersTest, ABatchMayGoOnBeyondItsWindow) {
    set(R"({"window_ends":false,"in_progress":200000})");
    const std::string id = sim.create(chat_rows(1));
    sim.advance(190000);
    EXPECT_EQ(sim.status(id), "in_progress");
    sim.advance(10000);
    EXPECT_EQ(sim.status(id), "completed");
}

TEST_F(MannersTest, RowsThatAreInNoFileWerePaid) {
    set(R"({"rows":[{"match":"*","kind":"missing"}]})");
    sim.create(chat_rows(3));
    EXPECT_EQ(report().at("rows_paid"), 3);
}

TEST_F(MannersTest, ARowWithoutAResponseWasNotPaid) {
    set(R"({"rows":[{"match":"row-1","status":200,"runs_max":1,)"
        R"("set":{"response":null,"error":{"code":429,"message":"slow down"}}}]})");
    const json::value batch = sim.batch(sim.create(chat_rows(2)));
    EXPECT_EQ(batch.at("request_counts").at("failed"), 1);
    const std::string errors = sim.content(batch.at("error_file_id"));
    EXPECT_NE(errors.find(R"("error":{"code":429,"message":"slow down"})"), std::string::npos);
    EXPECT_NE(errors.find(R"("response":null)"), std::string::npos);
    EXPECT_EQ(report().at("rows_paid"), 1);
}

TEST_F(MannersTest, ALineMayHaveOtherMembers) {
    set(R"({"rows":[{"match":"*","status":200,"set":{"error":{},"response.status_code":"200"}}]})");
    const std::string output = sim.content(sim.batch(sim.create(chat_rows(1))).at("output_file_id"));
    EXPECT_NE(output.find(R"("error":{})"), std::string::npos);
    EXPECT_NE(output.find(R"("status_code":"200")"), std::string::npos);
}

TEST_F(MannersTest, ADamagedLineKeepsCountAndSizeTrue) {
    for (const char* damage : {"control_character", "cut", "nan", "id_as_number", "garbage"}) {
        set(R"({"rows":[{"match":"row-2","status":200,"bytes":60,"damage":")" + std::string(damage) +
            "\"}]}");
        const json::value batch = sim.batch(sim.create(chat_rows(3)));
        EXPECT_EQ(batch.at("request_counts").at("completed"), 3);
        const json::value id = batch.at("output_file_id");
        const std::string output = sim.content(id);
        EXPECT_EQ(output.find(R"("custom_id":"row-2")") != std::string::npos,
                  std::string(damage) != "garbage" && std::string(damage) != "id_as_number")
            << damage;
        const json::value file = sim.get("/v1/files/" + std::string(id.as_string())).json();
        EXPECT_EQ(file.at("bytes").to_number<std::size_t>(), output.size()) << damage;
        EXPECT_EQ(std::count(output.begin(), output.end(), '\n'), 3) << damage;
    }
}

}  // namespace
}  // namespace batchd::sim
