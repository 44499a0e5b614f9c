#include "provider/direct/run/prepared_rows.hpp"

#include <gtest/gtest.h>

namespace batchd::provider::direct {
namespace {

RowRequest request(const std::string& url, const std::string& body) {
    const std::string text =
        R"({"custom_id":"a","method":"POST","url":")" + url + R"(","body":)" + body + "}";
    jsonl::Row row;
    row.line_number = 7;
    row.text = text;
    return request_of(row).value();
}

TEST(PreparedRowsTest, ABodyIsSentAsItStands) {
    const std::string body = R"({ "model" : "m", "background":true })";
    const RowRequest chat = request("/v1/chat/completions", body);
    EXPECT_EQ(chat.body, body);
    EXPECT_EQ(chat.row, 7U);
    EXPECT_EQ(chat.custom_id_json, "\"a\"");
    EXPECT_EQ(request("/v1/responses", R"({ "input": "background" })").body, R"({ "input": "background" })");
}

TEST(PreparedRowsTest, NothingIsAskedForThatNobodyWouldFetch) {
    EXPECT_EQ(request("/v1/responses", R"({"model":"m", "background":true,"input":"x"})").body,
              R"({"model":"m","input":"x"})");
    EXPECT_EQ(request("/v1/responses?a=b", R"({"background" : true})").body, "{}");
    EXPECT_EQ(request("/v1/responses", R"({"background":true,"input":{"background":1}})").body,
              R"({"input":{"background":1}})");
}

}  // namespace
}  // namespace batchd::provider::direct
