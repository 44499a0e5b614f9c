// What an open page is told of a job.

#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

struct LiveTest : ::testing::Test {
    LiveTest() {
        bench.add_job("articles", "the answers");
        run("UPDATE jobs SET state = 'running', finished_at = NULL, failed = 1");
    }
    void run(const char* sql) { ASSERT_TRUE(bench.store().database.execute(sql)); }
    server::Client listen(const std::string& session) {
        auto client = bench.connect();
        client.send("GET /live?job=1 HTTP/1.1\r\nHost: localhost\r\nCookie: batchd_session=" + session +
                    "\r\n\r\n");
        return client;
    }

    SiteBench bench;
};

TEST_F(LiveTest, AJobThatEndsBringsItsFilesItsReasonsAndWhatCanBeDoneNow) {
    bench.put("errors.jsonl", R"({"custom_id":"a","response":{"status_code":400},"error":{"code":"bad_one"}})"
                              "\n");
    auto page = listen(bench.session());
    const std::string before = page.read_until("Cancel the job");
    EXPECT_TRUE(has(before, "Cancel the job")) << before;
    EXPECT_FALSE(has(before, "output.jsonl"));
    run("UPDATE jobs SET state = 'done', finished_at = '2026-11-27T12:00:00Z'");
    const std::string after = page.read_until("id=\"events\"");
    EXPECT_TRUE(has(after, "/jobs/1/files/output.jsonl")) << after;
    EXPECT_TRUE(has(after, "bad_one")) << after;
    EXPECT_TRUE(has(after, "Retry what failed")) << after;
}

TEST_F(LiveTest, EachSessionHasItsOwnFormToken) {
    const std::string other = bench.open_session();
    ASSERT_NE(other, bench.session());
    auto first = listen(bench.session());
    EXPECT_TRUE(has(first.read_until("Cancel the job"), bench.form_token()));
    auto second = listen(other);
    const std::string answer = second.read_until("Cancel the job");
    EXPECT_TRUE(has(answer, "Cancel the job")) << answer;
    EXPECT_FALSE(has(answer, bench.form_token())) << "the form of another browser";
}

TEST_F(LiveTest, WhoAsksForTheHeadOnlyTakesNoPlace) {
    auto client = bench.connect();
    for (std::size_t i = 0; i <= LiveUpdates::kStreamsMax; ++i) {
        client.send("HEAD /live?job=1 HTTP/1.1\r\nHost: localhost\r\n" + bench.cookie() + "\r\n");
        const std::string head = client.read_until("\r\n\r\n");
        ASSERT_TRUE(head.starts_with("HTTP/1.1 200 ")) << i << head;
    }
    auto page = listen(bench.session());
    EXPECT_TRUE(has(page.read_until("Cancel the job"), "Cancel the job"));
}

}  // namespace
}  // namespace batchd::web
