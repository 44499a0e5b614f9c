#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

TEST(SubmitTest, ShowsWhatIsWrongBeforeAnythingIsSent) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "wrong"));
    ASSERT_TRUE(page.starts_with("/submit/")) << page;
    const std::string answer = bench.get(page);
    EXPECT_TRUE(has(answer, "It would be rejected"));
    EXPECT_TRUE(has(answer, "&lt;b&gt;id&lt;/b&gt;"));
    EXPECT_TRUE(has(answer, "no &quot;body&quot;"));
    EXPECT_FALSE(has(answer, "/send\""));
    EXPECT_FALSE(std::filesystem::exists(bench.inbox() / "articles.jsonl"));
}

TEST(SubmitTest, PutsAFileIntoTheInboxOnceItIsSentAndOnlyOnce) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    EXPECT_EQ(bench.files_in_inbox(), 1U) << "hidden, until somebody decides";
    const std::string fields = "form=" + bench.form_token();
    EXPECT_TRUE(bench.post(page + "/send", "form=0").starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(bench.post(page + "/send", fields).starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.jsonl"), "{}\n");
    EXPECT_EQ(bench.files_in_inbox(), 1U);
    EXPECT_TRUE(bench.post(page + "/send", fields).starts_with("HTTP/1.1 404 "));
}

TEST(SubmitTest, ReplacesNoFileOfTheSameName) {
    SiteBench bench;
    for (const char* content : {"first", "second"}) {
        const std::string page = location(bench.upload("articles.jsonl", content));
        bench.post(page + "/send", "form=" + bench.form_token());
    }
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.jsonl"), "first");
    EXPECT_EQ(testing::slurp(bench.inbox() / "articles.2.jsonl"), "second");
}

TEST(SubmitTest, LeavesNothingOfWhatIsThrownAway) {
    SiteBench bench;
    const std::string page = location(bench.upload("articles.jsonl", "{}\n"));
    EXPECT_EQ(location(bench.post(page + "/discard", "form=" + bench.form_token())), "/submit");
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, LeavesNothingOfWhatBrokeOff) {
    SiteBench bench;
    {
        auto client = bench.connect();
        client.send(
            "POST /submit HTTP/1.1\r\nHost: localhost\r\n" + bench.cookie() +
            "Content-Type: multipart/form-data; boundary=XX\r\nContent-Length: 100000\r\n\r\n"
            "--XX\r\nContent-Disposition: form-data; name=\"form\"\r\n\r\n" +
            bench.form_token() +
            "\r\n--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n" +
            std::string(5000, 'x'));
    }
    // Another request on the same thread is answered after the first has seen its end; in between there may
    // be turns of the pool's.
    for (int i = 0; i < 1000 && bench.files_in_inbox() > 0; ++i) bench.get("/healthz");
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, WritesNothingForAFormThatIsNotOurs) {
    SiteBench bench;
    const std::string body =
        "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\nx\r\n--XX--\r\n";
    const std::string answer =
        bench.post("/submit", body, "Content-Type: multipart/form-data; boundary=XX\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(SubmitTest, TakesTheNameOfAFileAndNoPath) {
    SiteBench bench;
    const std::string page = location(bench.upload("..%2F..\\..%2Fetc/x.jsonl", "{}\n"));
    bench.post(page + "/send", "form=" + bench.form_token());
    EXPECT_EQ(testing::slurp(bench.inbox() / "x.jsonl"), "{}\n");
    EXPECT_TRUE(bench.upload("../", "{}").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(bench.upload(std::string(300, 'n'), "{}").starts_with("HTTP/1.1 400 "));
}

}  // namespace
}  // namespace batchd::web
