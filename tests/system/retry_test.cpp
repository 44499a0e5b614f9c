#include <csignal>

#include <boost/json/value.hpp>

#include "system/failed_requests_test.hpp"

namespace batchd::testing {
namespace {

/// Somebody asks, with sqlite3, for the failed requests of an ended job to be sent again.
class RetryTest : public FailedRequestsTest {
protected:
    bool wait_for_result(const std::string& part) {
        return bench.wait_until([&] {
            return bench.database().count("commands WHERE done_at IS NOT NULL AND instr(result, ?) > 0",
                                          {part}) > 0;
        });
    }
};

TEST_F(RetryTest, SendsTheLinesThatFailedAsANewJobOfTheSameName) {
    end_with_failures();
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result("job 2 sends 2 failed requests of job 1 (articles) again"));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    const PublishedJob again = bench.published("articles.2");
    EXPECT_EQ(again.input, file_of({chat_line("article_2"), chat_line("article_4")}));
    EXPECT_EQ(again.output_ids(), (std::vector<std::string>{"article_2", "article_4"}));
    EXPECT_EQ(again.summary.at("name").as_string(), "articles");
    EXPECT_EQ(again.summary.at("retry_of").to_number<int>(), 1);
    EXPECT_EQ(bench.database().value("SELECT retry_of FROM jobs WHERE id = 2"), "1");
    EXPECT_EQ(bench.published("articles").error_ids(), (std::vector<std::string>{"article_2", "article_4"}));
}

TEST_F(RetryTest, KeepsIdsThatAreMadeOfTheLinesNumber) {
    const std::string bare = R"({"model":"gpt-4o-mini","messages":[{"role":"user","content":"x"}]})";
    bench.provider().change_settings(R"({"rows":[{"match":"line-3","status":400}]})");
    bench.drop("bare", file_of({bare, bare, bare, bare}));
    EXPECT_EQ(bench.run_once(), 0);
    bench.provider().change_settings(R"({"rows":[]})");
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("bare.2").output_ids(), std::vector<std::string>{"line-3"});
    EXPECT_EQ(bench.published("bare.2").input, "\n\n" + bare + "\n");
}

TEST_F(RetryTest, LeavesOutLinesThatWereNoRequests) {
    bench.set("spool.on_invalid_line", "\"skip\"");
    bench.provider().change_settings(R"({"rows":[{"match":"a","status":400}]})");
    bench.drop("mixed", file_of({chat_line("a"), "no request", chat_line("a"), chat_line("b")}));
    EXPECT_EQ(bench.run_once(), 0);
    bench.provider().change_settings(R"({"rows":[]})");
    bench.set("spool.on_invalid_line", "\"reject\"");
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("mixed.2").output_ids(), std::vector<std::string>{"a"});
}

TEST_F(RetryTest, OfACancelledJobSendsWhatHadNoAnswer) {
    bench.provider().change_settings(R"({"validating":3600,"cancelling":0})");
    bench.drop("articles", articles(3));
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.ask("cancel", 1);
    ASSERT_TRUE(bench.wait_for_jobs(1));
    bench.provider().change_settings(R"({"validating":0})");
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("articles.2").output_ids(), article_ids(3));
}

TEST_F(RetryTest, ASecondRetryOfTheSameFailuresIsRefused) {
    end_with_failures();
    bench.start();
    bench.ask("retry", 1);
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result(
        "the failed requests of job 1 (articles) were sent again as job 2 already; retry that one"));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    bench.ask("retry", 2);
    ASSERT_TRUE(wait_for_result("job 2 (articles) has no failed request; there is nothing to retry"));
    EXPECT_EQ(bench.database().count("jobs"), 2U);
}

TEST_F(RetryTest, OfAJobThatRunsOrWasRejectedSaysWhyNot) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    bench.drop("bad", "not a request\n");
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(1));
    bench.drop("articles", articles(1));
    ASSERT_TRUE(bench.wait_for_event("batch_created"));
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result("job 1 (bad) was rejected"));
    bench.ask("retry", 2);
    ASSERT_TRUE(wait_for_result("job 2 (articles) has not ended yet (running)"));
    EXPECT_EQ(bench.database().count("commands WHERE ok = 0"), 2U);
    EXPECT_EQ(bench.database().count("jobs"), 2U);
}

TEST_F(RetryTest, OfAJobWhoseFolderIsGoneSaysSoAndMakesNothing) {
    end_with_failures();
    const Path away = bench.root() / "away";
    std::filesystem::rename(bench.outbox() / "articles", away);
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result("can't be read any more"));
    EXPECT_EQ(bench.database().count("jobs"), 1U);
    EXPECT_TRUE(std::filesystem::is_empty(bench.state() / "work"));
    std::filesystem::rename(away, bench.outbox() / "articles");
}

TEST_F(RetryTest, OfAFileThatWasAlteredSinceIsRefusedWithAWord) {
    end_with_failures();
    const Path input = bench.outbox() / "articles/input.jsonl";
    const std::string sent = slurp(input);
    std::string altered = sent;
    altered.replace(altered.find("article_2") + 30, 1, "!");
    ASSERT_TRUE(replace_file(input, altered));
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result("is not the file whose lines were sent"));
    EXPECT_EQ(bench.database().count("jobs"), 1U);
    ASSERT_TRUE(replace_file(input, sent));
    bench.ask("retry", 1);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(bench.published("articles.2").output_ids(),
              (std::vector<std::string>{"article_2", "article_4"}));
}

TEST_F(RetryTest, KilledAfterTheInputIsWrittenItMakesExactlyOneJob) {
    end_with_failures();
    // What a crash between the file and the row leaves behind: the command has its key, the file is there.
    const std::string key = "0f3c8f64-5d0a-4a4e-9d1b-7f6f6f1c2d3e";
    std::filesystem::create_directories(bench.state() / "work" / key);
    ASSERT_TRUE(replace_file(bench.state() / "work" / key / "input.jsonl", "half of a li"));
    OpenWriter writer(bench.state() / "batchd.db");
    writer.execute("INSERT INTO commands (verb, job_id, job_key) VALUES ('retry', 1, '" + key + "')");
    writer.commit();
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.database().count("jobs"), 2U);
    EXPECT_EQ(bench.database().value("SELECT key FROM jobs WHERE id = 2"), key);
    EXPECT_EQ(bench.published("articles.2").output_ids(),
              (std::vector<std::string>{"article_2", "article_4"}));
    EXPECT_TRUE(std::filesystem::is_empty(bench.state() / "work"));
}

TEST_F(RetryTest, WhatWasSentAgainIsKnownAlsoWhenTheDatabaseWasLost) {
    end_with_failures();
    bench.ask("retry", 1);
    EXPECT_EQ(bench.run_once(), 0);
    bench.lose_database();
    EXPECT_EQ(bench.run({"recover"}), 0);
    EXPECT_EQ(bench.database().value("SELECT retry_of FROM jobs WHERE id = 2"), "1");
    bench.start();
    bench.ask("retry", 1);
    ASSERT_TRUE(wait_for_result("were sent again as job 2 already"));
    EXPECT_EQ(bench.database().count("jobs"), 2U);
}

TEST_F(RetryTest, KilledAgainAndAgainItMakesExactlyOneJob) {
    end_with_failures();
    bench.ask("retry", 1);
    for (int life = 0; life < 6; ++life) {
        bench.start();
        const auto events = bench.database().count("events");
        bench.wait_until([&] {
            return bench.database().count("events") > events + static_cast<std::size_t>(life) ||
                   bench.database().count("jobs WHERE state = 'done'") == 2;
        });
        bench.daemon().kill();
    }
    EXPECT_EQ(bench.run_once(), 0);
    EXPECT_EQ(bench.database().count("jobs"), 2U);
    EXPECT_EQ(bench.published("articles.2").output_ids(),
              (std::vector<std::string>{"article_2", "article_4"}));
}

}  // namespace
}  // namespace batchd::testing
