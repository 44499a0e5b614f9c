#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

const std::string kInput =
    R"({"custom_id":"a","url":"/v1/chat/completions","body":{"model":"m","messages":[{"role":"user","content":"<script>alert(1)</script>"}]}})"
    "\n\n{\"custom_id\":\"broken\",\n"
    R"({"custom_id":"c&d","body":{"model":"m","messages":[]}})"
    "\n";
const std::string kOutput =
    R"({"id":"1","custom_id":"a","response":{"status_code":200,"request_id":"r","body":{"choices":[{"message":{"content":"the answer"}}]}},"error":null})"
    "\n";
const std::string kErrors =
    R"({"id":"2","custom_id":"c&d","response":null,"error":{"code":"batch_expired","message":"too late"}})"
    "\n";

struct ShownRequestTest : ::testing::Test {
    ShownRequestTest() {
        bench.add_job("articles", kOutput);
        bench.put("input.jsonl", kInput);
        bench.put("errors.jsonl", kErrors);
        EXPECT_TRUE(bench.store().database.execute("UPDATE jobs SET failed = 1"));
    }
    SiteBench bench{{.show_requests = true}};
};

TEST_F(ShownRequestTest, StandsBesideItsAnswer) {
    const std::string page = bench.get("/jobs/1/request?id=a");
    EXPECT_TRUE(page.starts_with("HTTP/1.1 200 ")) << page;
    EXPECT_TRUE(has(page, "&lt;script&gt;alert(1)"));
    EXPECT_FALSE(has(page, "<script>alert"));
    EXPECT_TRUE(has(page, "the answer"));
    EXPECT_TRUE(has(page, "Line 1 of <a href=\"/jobs/1/files/output.jsonl\""));
}

TEST_F(ShownRequestTest, IsFoundByItsLineAsWell) {
    EXPECT_TRUE(has(bench.get("/jobs/1/request?line=4"), "too late"));
    const std::string broken = bench.get("/jobs/1/request?line=3");
    EXPECT_TRUE(broken.starts_with("HTTP/1.1 200 ")) << broken;
    EXPECT_TRUE(has(broken, "There is none in this job"));
}

TEST_F(ShownRequestTest, WithAnErrorShowsTheError) {
    EXPECT_TRUE(has(bench.get("/jobs/1/request?id=c%26d"), "too late"));
    EXPECT_TRUE(has(bench.get("/jobs/1"), "href=\"/jobs/1/request?id=c%26d\""));
}

TEST_F(ShownRequestTest, ThatIsNotThereIsNotFound) {
    for (const char* query : {"?id=x", "?line=2", "?line=99", "?line=0", "?line=x", "", "?id="})
        EXPECT_TRUE(bench.get("/jobs/1/request" + std::string(query)).starts_with("HTTP/1.1 404 ")) << query;
    EXPECT_TRUE(bench.get("/jobs/2/request?id=a").starts_with("HTTP/1.1 404 "));
}

TEST(HiddenRequestTest, IsShownOnlyWhereTheConfigurationSaysSo) {
    SiteBench bench;
    bench.add_job("articles", kOutput);
    bench.put("input.jsonl", kInput);
    bench.put("errors.jsonl", kErrors);
    const std::string refused = bench.get("/jobs/1/request?id=a");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 403 ")) << refused;
    EXPECT_FALSE(has(refused, "the answer"));
    EXPECT_FALSE(has(bench.get("/jobs/1"), "/request"));
}

}  // namespace
}  // namespace batchd::web
