#include <future>
#include <latch>

#include <gtest/gtest.h>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

using server::has;

const std::string kHostile = "<script>alert(1)</script>\"'&\x1b[31m";

TEST(SiteTest, LetsNobodySeeAnythingWithoutTheLink) {
    SiteBench bench;
    bench.add_job("secret-name", "");
    for (const char* path : {"/", "/jobs/1", "/jobs/1/files/output.jsonl", "/queues", "/providers", "/events",
                             "/about", "/submit", "/live", "/metrics", "/api/v1/jobs", "/api/v1/events"}) {
        const std::string answer = bench.ask("GET " + std::string(path) +
                                             " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 401 ")) << path << answer;
        EXPECT_FALSE(has(answer, "secret-name")) << path;
    }
}

TEST(SiteTest, TurnsTheLinkIntoACookieAndAnotherAddress) {
    SiteBench bench;
    const std::string begin = "GET /link/", end = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const std::string answer = bench.ask(begin + bench.token() + end);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 303 ")) << answer;
    EXPECT_EQ(location(answer), "/");
    EXPECT_TRUE(has(answer, "Set-Cookie: batchd_session="));
    EXPECT_TRUE(has(answer, "; HttpOnly; SameSite=Strict"));
    EXPECT_FALSE(has(answer, "; Secure")) << "loopback has no https";
    EXPECT_FALSE(has(answer, bench.token()));
    const std::string wrong = bench.ask(begin + std::string(32, '0') + end);
    EXPECT_TRUE(wrong.starts_with("HTTP/1.1 403 "));
    EXPECT_FALSE(has(wrong, "Set-Cookie"));
}

TEST(SiteTest, BehindAProxyTheCookieIsForHttpsOnly) {
    config::Web web;
    web.behind_proxy = {.header = "x-user", .address = "10.0.0.5"};
    SiteBench bench(web);
    const std::string answer =
        bench.ask("GET /link/" + bench.token() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(has(answer, "; Max-Age=2592000; Secure\r\n")) << answer;
}

TEST(SiteTest, AProxyOnTheUnixSocketSaysWhoComes) {
    config::Web web;
    web.behind_proxy = {.header = "x-user", .address = "unix"};
    SiteBench bench(web);
    const auto ask = [](server::Client client) {
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-User: alice\r\n\r\n");
        return client.read_to_end().substr(0, 13);
    };
    EXPECT_EQ(ask(bench.connect()), "HTTP/1.1 200 ");
    EXPECT_EQ(ask(bench.connect_by_tcp()), "HTTP/1.1 401 ") << "anybody on this machine could say so";
}

TEST(SiteTest, ACommandIsGivenForWhomTheProxyNames) {
    config::Web web;
    web.behind_proxy = {.header = "x-user", .address = "unix"};
    SiteBench bench(web);
    const auto give = [&bench](const std::string& session, const std::string& headers) {
        const std::string fields = "form=" + bench.form_token(session);
        server::Client client = bench.connect();
        client.send("POST /jobs/7/cancel HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers +
                    "Content-Length: " + std::to_string(fields.size()) + "\r\n\r\n" + fields);
        return client.read_to_end().substr(0, 13);
    };
    EXPECT_EQ(give("user alice", "X-User: alice\r\n"), "HTTP/1.1 303 ");
    EXPECT_EQ(bench.asking(), "alice");
    EXPECT_EQ(bench.post("/jobs/7/cancel", "form=" + bench.form_token()).substr(0, 13), "HTTP/1.1 303 ");
    EXPECT_EQ(bench.asking(), "");
}

TEST(SiteTest, ADaemonThatStallsHoldsUpNoPage) {
    SiteBench bench;
    bench.add_job("articles", "x");
    std::promise<void> goes_on;
    const std::shared_future<void> end = goes_on.get_future().share();
    std::latch are_asked(kCommandsMax);
    bench.daemon_says([end, &are_asked] {
        are_asked.count_down();
        end.wait();
        return Result<CommandReply>(CommandReply{true, "done"});
    });
    const std::string fields = "form=" + bench.form_token();
    const std::string cancel = "POST /jobs/1/cancel HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
                               bench.cookie() + "Content-Length: " + std::to_string(fields.size()) +
                               "\r\n\r\n" + fields;
    std::vector<server::Client> waiting;
    for (std::size_t i = 0; i < kCommandsMax; ++i) {
        waiting.push_back(bench.connect());
        ASSERT_TRUE(waiting.back().send(cancel));
    }
    are_asked.wait();
    EXPECT_TRUE(bench.get("/jobs/1").starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(bench.get("/jobs/1/files/output.jsonl").starts_with("HTTP/1.1 200 "));
    const std::string one_more = bench.ask(cancel);
    EXPECT_TRUE(one_more.starts_with("HTTP/1.1 503 ")) << one_more;
    EXPECT_TRUE(has(one_more, "try again in a minute"));
    goes_on.set_value();
    for (server::Client& client : waiting) EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 303 "));
    bench.daemon_says({});
    EXPECT_TRUE(bench.ask(cancel).starts_with("HTTP/1.1 303 "));
}

TEST(SiteTest, ShowsHostileNamesAsTheyAreOnEveryPage) {
    SiteBench bench;
    const auto id = bench.add_job(kHostile, "");
    for (const std::string& path : {std::string("/"), "/jobs/" + std::to_string(id.value),
                                    std::string("/?q=%3Cscript%3E&queue=%22%3E%3Cscript%3E")}) {
        const std::string answer = bench.get(path);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << path << answer;
        EXPECT_FALSE(has(answer, "<script>")) << path;
        EXPECT_FALSE(has(answer, "\x1b")) << path;
    }
    EXPECT_TRUE(has(bench.get("/"), "&lt;script&gt;alert(1)"));
}

TEST(SiteTest, KeepsBrowsersOnOurSide) {
    SiteBench bench;
    for (const char* path : {"/", "/about", "/assets/page.js", "/healthz", "/api/v1/jobs", "/nothing"}) {
        const std::string answer = bench.get(path);
        EXPECT_TRUE(has(answer, "Content-Security-Policy: default-src 'none'; script-src 'self';")) << path;
        EXPECT_TRUE(has(answer, "frame-ancestors 'none'")) << path;
        EXPECT_TRUE(has(answer, "X-Content-Type-Options: nosniff")) << path;
        EXPECT_TRUE(has(answer, "Referrer-Policy: same-origin")) << path;
        EXPECT_FALSE(has(answer, "http://")) << path << " has something from elsewhere";
    }
}

TEST(SiteTest, AnswersForNoOtherName) {
    SiteBench bench;
    const std::string answer =
        bench.ask("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n" + bench.cookie() + "\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 421 ")) << answer;
}

TEST(SiteTest, GivesCommandsForItsOwnFormsOnly) {
    SiteBench bench;
    const std::string path = "/jobs/7/cancel";
    EXPECT_TRUE(bench.post(path, "").starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(bench.post(path, "form=" + std::string(64, '0')).starts_with("HTTP/1.1 403 "));
    const std::string fields = "form=" + bench.form_token();
    EXPECT_TRUE(bench.post(path, fields, "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403 "));
    EXPECT_TRUE(bench.post("/jobs/7/abandon", fields).starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(bench.asked_for().empty());
    EXPECT_EQ(location(bench.post(path, fields, "Origin: http://localhost\r\n")), "/jobs/7");
    EXPECT_EQ(bench.asked_for(), std::vector{store::JobId{7}});
}

TEST(SiteTest, HasNoFormsAndTakesNoneWhereItOnlyShows) {
    SiteBench bench({.read_only = true});
    bench.add_job("articles", "");
    EXPECT_TRUE(bench.post("/jobs/1/cancel", "form=" + bench.form_token()).starts_with("HTTP/1.1 403 "));
    for (const char* path : {"/", "/jobs/1", "/submit"})
        EXPECT_FALSE(has(bench.get(path), "method=\"post\"")) << path;
}

TEST(SiteTest, SendsFilesOfAJobAndNothingElseFromTheDisk) {
    SiteBench bench;
    bench.add_job("art\"icles", "0123456789");
    const std::string whole = bench.get("/jobs/1/files/output.jsonl");
    EXPECT_TRUE(whole.starts_with("HTTP/1.1 200 ")) << whole;
    EXPECT_TRUE(whole.ends_with("\r\n\r\n0123456789"));
    EXPECT_TRUE(has(whole, "Content-Disposition: attachment; filename=\"art_icles.output.jsonl\""));
    const std::string part = bench.get("/jobs/1/files/output.jsonl", "Range: bytes=2-4\r\n");
    EXPECT_TRUE(part.starts_with("HTTP/1.1 206 ")) << part;
    EXPECT_TRUE(has(part, "Content-Range: bytes 2-4/10"));
    EXPECT_TRUE(part.ends_with("\r\n\r\n234"));
    EXPECT_TRUE(bench.get("/jobs/1/files/output.jsonl", "Range: bytes=10-\r\n").starts_with("HTTP/1.1 416 "));
    for (const char* name : {"..%2F..%2Fstate%2Fbatchd.db", "../../state/batchd.db", "%2Fetc%2Fpasswd", "",
                             "output.jsonl%00", "errors.jsonl", "job.json/", "."})
        EXPECT_TRUE(bench.get("/jobs/1/files/" + std::string(name)).starts_with("HTTP/1.1 404 ")) << name;
}

TEST(SiteTest, FollowsNoLinkInTheOutbox) {
    SiteBench bench;
    bench.add_job("articles", "");
    const Path folder = bench.inbox().parent_path() / "outbox/0";
    std::filesystem::create_symlink("/etc/passwd", folder / "errors.jsonl");
    EXPECT_TRUE(bench.get("/jobs/1/files/errors.jsonl").starts_with("HTTP/1.1 404 "));
    EXPECT_FALSE(has(bench.get("/jobs/1"), "errors.jsonl\" download"));
}

TEST(SiteTest, ServesItsPartsOnce) {
    SiteBench bench;
    const std::string plain = bench.get("/assets/page.css");
    const auto tag = plain.find("ETag: ");
    ASSERT_NE(tag, std::string::npos) << plain;
    const std::string etag = plain.substr(tag + 6, plain.find("\r\n", tag) - tag - 6);
    EXPECT_TRUE(
        bench.get("/assets/page.css", "If-None-Match: " + etag + "\r\n").starts_with("HTTP/1.1 304 "));
    const std::string packed = bench.get("/assets/htmx.min.js", "Accept-Encoding: gzip\r\n");
    EXPECT_TRUE(has(packed, "Content-Encoding: gzip"));
    EXPECT_LT(packed.size(), 16'000U);
    EXPECT_TRUE(bench.get("/assets/../site.cpp").starts_with("HTTP/1.1 404 "));
}

TEST(SiteTest, PacksTheListForWhoeverCanUnpackIt) {
    SiteBench bench;
    for (int i = 0; i < 50; ++i) bench.add_job("articles-" + std::to_string(i), "");
    const std::string plain = bench.get("/"), packed = bench.get("/", "Accept-Encoding: gzip, br\r\n");
    EXPECT_FALSE(has(plain, "Content-Encoding"));
    EXPECT_TRUE(has(packed, "Content-Encoding: gzip\r\n"));
    EXPECT_LT(packed.size(), plain.size() / 4);
    // What has a form's token in it is not: the size would tell of it.
    EXPECT_FALSE(has(bench.get("/submit", "Accept-Encoding: gzip\r\n"), "Content-Encoding"));
}

}  // namespace
}  // namespace batchd::web
