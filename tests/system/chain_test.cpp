#include <boost/json/parse.hpp>

#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

/// Two queues, of which the answers of the first are the requests of the second.
class ChainTest : public ::testing::Test {
protected:
    Workbench bench;
    Shell shell{bench};

    /// Both jobs have the same name and ids, so what was paid twice is told by the marks of the batches.
    void TearDown() override {
        const auto report = bench.report();
        for (const auto& [key, count] : report.at("creates_by_batchd_key").as_object())
            EXPECT_EQ(count.to_number<int>(), 1) << key;
    }
    void configure(const std::string& line_template) {
        bench.set("batch.model", "\"gpt-4o-mini\"");
        bench.set("queue.first.then", "\"second\"");
        bench.set("queue.first.then_template", "'" + line_template + "'");
        bench.set("queue.second.model", "\"gpt-4o-mini\"");
    }
    void start() {
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("started"));
    }
    void drop(const std::string& name, const std::string& content) {
        bench.drop_into("first", name, content);
    }
    std::vector<std::string> contents(const std::string& folder) {
        std::vector<std::string> texts;
        std::istringstream lines(slurp(bench.outbox() / folder / "input.jsonl"));
        for (std::string line; std::getline(lines, line);) {
            const auto body = boost::json::parse(line).at("body");
            texts.emplace_back(body.at("messages").at(0).at("content").as_string());
        }
        return texts;
    }
    std::string value(const std::string& sql) { return bench.database().value(sql); }
};

TEST_F(ChainTest, EachAnswerBecomesARequestOfTheNextQueueInOrder) {
    configure(
        R"({"messages": [{"role": "user", "content": "{{custom_id}}: {{input.body.messages.0.content}}: {{answer}}"}]})");
    bench.provider().change_settings(R"({"rows":[{"match":"article_2","status":400}]})");
    start();
    drop("articles", articles(4));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    const std::vector<std::string> ids{"article_1", "article_3", "article_4"};
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "first/articles").output_ids(), ids);
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "second/articles").output_ids(), ids);
    const auto asked = contents("second/articles");
    ASSERT_EQ(asked.size(), 3U);
    const auto answer = PublishedJob::read(bench.outbox() / "first/articles").output.at(0).object;
    const std::string answered(
        boost::json::value(answer).at_pointer("/response/body/choices/0/message/content").as_string());
    EXPECT_EQ(asked[0], "article_1: Summarise article_1: " + answered);
    EXPECT_EQ(asked[1].substr(0, 31), "article_3: Summarise article_3:");
    EXPECT_EQ(value("SELECT chained_from FROM jobs WHERE queue = 'second'"), "1");
    EXPECT_TRUE(bench.wait_for_event("job_claimed", "3 requests for second, made of the answers of job 1"));
}

TEST_F(ChainTest, WhatIsNotThereIsLeftOutAndSaid) {
    configure(R"({"messages": [{"role": "user", "content": "{{input.body.topic}}"}]})");
    start();
    const std::string with_topic =
        R"({"custom_id":"b","body":{"model":"gpt-4o-mini","topic":"tea","messages":[{"role":"user","content":"x"}]}})";
    drop("topics", file_of({chat_line("a"), with_topic}));
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(contents("second/topics"), std::vector<std::string>{"tea"});
    EXPECT_TRUE(bench.wait_for_event(
        "answers_left_out",
        "1 answer has no next step in second: line 1: {{input.body.topic}} is not there"));
}

TEST_F(ChainTest, KilledAtAnyTimeItGoesOnOnce) {
    configure(R"({"messages": [{"role": "user", "content": "{{answer}}"}]})");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("started"));
    drop("articles", articles(2));
    for (const char* const kind : {"batch_collected", "job_delivered"}) {
        ASSERT_TRUE(bench.wait_for_event(kind));
        bench.daemon().kill();
        bench.start();
    }
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(value("SELECT count(*) FROM jobs"), "2");
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "second/articles").output_ids(), article_ids(2));
}

/// All of a chain is found again at the provider, however long it is.
TEST_F(ChainTest, AnOldCopyOfTheStateFindsEachStepThatWasSentSince) {
    namespace fs = std::filesystem;
    const std::string line_template = R"({"messages": [{"role": "user", "content": "{{answer}}"}]})";
    configure(line_template);
    bench.set("queue.second.then", "\"third\"");
    bench.set("queue.second.then_template", "'" + line_template + "'");
    bench.set("queue.third.model", "\"gpt-4o-mini\"");
    bench.set("batch.share", "false");
    bench.provider().change_settings(R"({"in_progress":3600})");
    start();
    drop("a", articles(2));
    drop("b", articles(2));
    ASSERT_TRUE(bench.wait_until([&] {
        return value(
                   "SELECT count(DISTINCT p.job_id) FROM batches b JOIN parts p ON p.batch = b.id"
                   " WHERE b.phase = 'watching'") == "2";
    }));
    bench.daemon().kill();
    fs::copy(bench.state(), bench.root() / "copy",
             fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    bench.provider().change_settings(R"({"in_progress":0})");
    bench.provider().advance_clock(std::chrono::hours(2));
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(6));
    EXPECT_EQ(bench.stop(), 0);
    fs::remove_all(bench.state());
    fs::rename(bench.root() / "copy", bench.state());
    fs::rename(bench.outbox(), bench.root() / "moved-away");
    const auto batches = bench.report().at("batches").as_array().size();
    bench.start();
    ASSERT_TRUE(bench.wait_for_jobs(6));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "third/b").output_ids(), article_ids(2));
    EXPECT_EQ(bench.report().at("batches").as_array().size(), batches);
}

TEST_F(ChainTest, WhoCancelsDoesNotGoOn) {
    configure(R"({"messages": [{"role": "user", "content": "{{answer}}"}]})");
    bench.provider().change_settings(R"({"in_progress":3600,"cancelling":0})");
    start();
    drop("articles", articles(4));
    ASSERT_TRUE(bench.wait_until(
        [&] { return bench.database().count("batches WHERE status = 'in_progress'") == 1; }));
    bench.provider().advance_clock(std::chrono::minutes(30));
    EXPECT_EQ(shell.run({"cancel", "articles"}), 0) << shell.errors;
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().count("jobs WHERE chained_from IS NOT NULL"), 0U);
}

TEST_F(ChainTest, MistakesAreFoundBeforeTheStart) {
    const auto complains = [&](const std::string& what) {
        EXPECT_EQ(bench.run_once(), 78);
        EXPECT_NE(bench.log().find(what), std::string::npos) << what << "\n";
    };
    configure("{\"messages\": \"{{answr}}\"}");
    complains("queue.first.then_template is wrong: in line 1 of it, there is no {{answr}}");
    configure("{\"input\": \"{{answer}}\"}");
    bench.set("queue.first.then", "\"first\"");
    complains("for that never ends (first > first)");
    bench.set("queue.first.then", "\"third\"");
    complains("there is no [queue.third]");
    bench.set("queue.first.then", "\"second\"");
    bench.set("queue.second.then", "\"first\"");
    bench.set("queue.second.then_template", "'{\"input\": \"{{answer}}\"}'");
    complains("(first > second > first)");
    bench.unset("queue.second.then");
    complains(
        "queue.second.then_template is set: must be left out, for queue.second.then does not say which "
        "queue");
    bench.unset("queue.second.then_template");
    bench.unset("queue.first.then_template");
    complains("queue.first.then_template is not set");
}

}  // namespace
}  // namespace batchd::testing
