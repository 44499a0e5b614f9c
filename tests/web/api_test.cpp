#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "web/site_bench.hpp"

namespace batchd::web {
namespace {

namespace json = boost::json;
using server::has;

/// As a program that has the token.
std::string call(SiteBench& bench, const std::string& line, const std::string& body = "",
                 const std::string& more = "") {
    return bench.ask(line + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
                     bench.token() + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
                     "\r\n\r\n" + body);
}

json::object body_of(const std::string& answer) {
    return json::parse(answer.substr(answer.find("\r\n\r\n") + 4)).as_object();
}

TEST(ApiTest, AnswersWithWhatTheCommandsPrint) {
    SiteBench bench;
    bench.add_job("articles", "");
    const auto jobs = body_of(call(bench, "GET /api/v1/jobs"));
    EXPECT_EQ(jobs.at("jobs").as_array().at(0).at("name"), "articles");
    EXPECT_FALSE(jobs.at("daemon").at("running").as_bool());
    const auto job = body_of(call(bench, "GET /api/v1/jobs/1")).at("jobs").as_array().at(0).as_object();
    EXPECT_EQ(job.at("state"), "done");
    EXPECT_TRUE(job.contains("batches"));
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/queues")).at("queues").as_array().at(0).at("name"), "default");
    EXPECT_TRUE(body_of(call(bench, "GET /api/v1/events?after=0")).at("events").is_array());
}

TEST(ApiTest, AnOldJobThatRunsIsInFrontOfAHundredThatHaveEnded) {
    SiteBench bench;
    for (int i = 0; i < 60; ++i) bench.add_job("n" + std::to_string(i), "");
    ASSERT_TRUE(
        bench.store().database.execute("UPDATE jobs SET state = 'running', finished_at = NULL WHERE id = 1"));
    const auto jobs = body_of(call(bench, "GET /api/v1/jobs")).at("jobs").as_array();
    ASSERT_EQ(jobs.size(), 51U) << "all that run, and fifty that have ended";
    EXPECT_EQ(jobs.at(0).at("id"), 1);
    EXPECT_EQ(jobs.at(1).at("id"), 60);
    EXPECT_EQ(jobs.at(50).at("id"), 11);
    const auto older = body_of(call(bench, "GET /api/v1/jobs?before=11")).at("jobs").as_array();
    ASSERT_EQ(older.size(), 9U) << "what runs was there before";
    EXPECT_EQ(older.at(0).at("id"), 10);
    ASSERT_TRUE(bench.store().database.execute("UPDATE jobs SET state = 'running', finished_at = NULL"));
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/jobs")).at("jobs").as_array().size(), 60U);
    const std::string page = bench.get("/");
    EXPECT_TRUE(has(page, "<tr id=\"job-1\">"));
    EXPECT_TRUE(has(page, "Only 50 of the jobs that have not ended are here"));
}

TEST(ApiTest, AQueueIsKnownByTheConfigurationOrByItsJobs) {
    SiteBench bench;
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/jobs?queue=nosuch")).at("error").at("code"), "bad_request");
    EXPECT_TRUE(body_of(call(bench, "GET /api/v1/jobs?queue=default&q=nosuch")).at("jobs").is_array());
    bench.add_job("articles", "x");
    ASSERT_TRUE(bench.store().database.execute("UPDATE jobs SET queue = 'removed'"));
    EXPECT_TRUE(
        body_of(call(bench, "GET /api/v1/jobs?queue=removed&q=nosuch")).at("jobs").as_array().empty());
}

TEST(ApiTest, SaysWhatIsWrongAsAnObject) {
    SiteBench bench;
    for (const char* const before : {"abc", "-1", "1x"})
        EXPECT_EQ(
            body_of(call(bench, std::string("GET /api/v1/jobs?before=") + before)).at("error").at("code"),
            "bad_request")
            << before;
    EXPECT_TRUE(body_of(call(bench, "GET /api/v1/jobs?before=0")).at("jobs").is_array());
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/jobs/99")).at("error").at("code"), "not_found");
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/nothing")).at("error").at("code"), "not_found");
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/jobs?state=runing")).at("error").at("code"), "bad_request");
    EXPECT_EQ(body_of(call(bench, "GET /api/v1/events?after=x")).at("error").at("code"), "bad_request");
    EXPECT_EQ(body_of(call(bench, "POST /api/v1/jobs", "{}")).at("error").at("code"), "bad_request");
    for (const char* const name : {"a/b", "../x", "a%2Fb", "a%00b", "."})
        EXPECT_EQ(
            body_of(call(bench, std::string("POST /api/v1/jobs?name=") + name, "{}")).at("error").at("code"),
            "bad_request")
            << name;
    EXPECT_EQ(body_of(call(bench, "POST /api/v1/jobs?queue=q&name=n", "{}")).at("error").at("code"),
              "not_found");
    EXPECT_EQ(body_of(bench.post("/api/v1/jobs?name=n", "{}")).at("error").at("code"), "refused");
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(ApiTest, AJobThatIsCalledLikeANumberIsNotTheJobWithThatNumber) {
    SiteBench bench;
    bench.add_job("4711", "");
    for (const char* path : {"/api/v1/jobs/4711", "/api/v1/jobs/4711.jsonl"}) {
        const std::string answer = call(bench, std::string("GET ") + path);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 404 ")) << answer;
    }
    EXPECT_TRUE(bench.get("/jobs/4711").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(has(bench.get("/jobs/1"), "4711"));
}

TEST(ApiTest, TakesNoSubmitWithoutAFile) {
    SiteBench bench;
    const auto submit = [&](const std::string& framing) {
        return bench.ask(
            "POST /api/v1/jobs?name=n HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            "Authorization: Bearer " +
            bench.token() + "\r\n" + framing);
    };
    const std::string none = submit("\r\n");
    EXPECT_TRUE(none.starts_with("HTTP/1.1 411 ")) << none;
    EXPECT_EQ(body_of(none).at("error").at("code"), "length_required");
    EXPECT_TRUE(submit("Transfer-Encoding: gzip\r\n\r\n").starts_with("HTTP/1.1 501 "));
    EXPECT_EQ(bench.files_in_inbox(), 0U);
    // Without a state nobody waits for the job's number.
    std::filesystem::remove(bench.database());
    for (const char* whole :
         {"Content-Length: 3\r\n\r\n{}\n", "Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n0\r\n\r\n"})
        EXPECT_TRUE(submit(whole).starts_with("HTTP/1.1 201 ")) << whole;
}

TEST(ApiTest, SaysWhichMethodsThereAre) {
    SiteBench bench;
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"PUT /api/v1/jobs", "GET, HEAD, POST"}, {"DELETE /api/v1/jobs/1", "GET, HEAD"},
        {"GET /api/v1/jobs/1/cancel", "POST"},   {"POST /api/v1/queues", "GET, HEAD"},
        {"TRACE /metrics", "GET, HEAD"},         {"POST /metrics", "GET, HEAD"},
        {"TRACE /healthz", "GET, HEAD"}};
    for (const auto& [line, methods] : wrong) {
        const std::string answer = call(bench, line);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 405 ")) << line << answer;
        EXPECT_TRUE(has(answer, "\r\nAllow: " + methods + "\r\n")) << line << answer;
    }
    EXPECT_TRUE(call(bench, "PUT /api/v1/nothing").starts_with("HTTP/1.1 404 "));
}

TEST(ApiTest, RefusesAForeignOriginEvenWithTheToken) {
    SiteBench bench;
    const std::string answer =
        call(bench, "POST /api/v1/jobs?name=n", "{}", "Origin: http://evil.example\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ")) << answer;
    EXPECT_EQ(bench.files_in_inbox(), 0U);
}

TEST(ApiTest, GivesCommands) {
    SiteBench bench;
    EXPECT_TRUE(body_of(call(bench, "POST /api/v1/jobs/7/cancel")).at("ok").as_bool());
    EXPECT_EQ(bench.asked_for(), std::vector{store::JobId{7}});
    EXPECT_TRUE(call(bench, "POST /api/v1/jobs/7/abandon").starts_with("HTTP/1.1 404 "));
}

TEST(ApiTest, PassesOnWhatTheDaemonMakesOfACommand) {
    SiteBench bench;
    const auto cancel = [&](CommandReply asked) {
        bench.daemon_says([asked] { return Result<CommandReply>(asked); });
        return call(bench, "POST /api/v1/jobs/99/cancel");
    };
    const std::string missing = cancel({false, "there is no job 99", 404});
    EXPECT_TRUE(missing.starts_with("HTTP/1.1 404 ")) << missing;
    EXPECT_EQ(body_of(missing).at("error").at("code"), "not_found");
    EXPECT_EQ(body_of(missing).at("error").at("message"), "there is no job 99");
    const std::string full = cancel({false, "the database does not take it now", 503});
    EXPECT_TRUE(full.starts_with("HTTP/1.1 503 ")) << full;
    EXPECT_EQ(body_of(full).at("error").at("code"), "unavailable");
    const std::string ended = cancel({false, "it has ended", 409});
    EXPECT_TRUE(ended.starts_with("HTTP/1.1 409 ")) << ended;
    EXPECT_FALSE(body_of(ended).at("ok").as_bool());
    EXPECT_TRUE(cancel({std::nullopt, "", 202}).starts_with("HTTP/1.1 202 "));
}

TEST(ApiTest, CountsForPrometheus) {
    SiteBench bench;
    bench.add_job("articles", "");
    const std::string answer = call(bench, "GET /metrics");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_TRUE(has(answer, "batchd_build_info{version=\"1.2.3\"} 1\n"));
    EXPECT_TRUE(has(answer, "batchd_jobs{state=\"done\"} 1\n"));
    EXPECT_TRUE(has(answer, "batchd_jobs_total{result=\"done\"} 1\n"));
    EXPECT_TRUE(has(answer, "batchd_provider_open{provider=\"default\"} 0\n"));
    EXPECT_TRUE(has(answer, "# TYPE batchd_jobs_total counter\n"));
    EXPECT_TRUE(has(answer, "batchd_inbox_files{queue=\"default\"} 0\n"));
    EXPECT_TRUE(has(answer, "\nprocess_resident_memory_bytes "));
}

}  // namespace
}  // namespace batchd::web
