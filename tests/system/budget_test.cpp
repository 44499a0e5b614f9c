#include <csignal>
#include <filesystem>

#include <boost/json/parse.hpp>

#include "money/nano_dollars.hpp"
#include "system/requests.hpp"
#include "system/shell.hpp"
#include "system/workbench.hpp"

namespace batchd::testing {
namespace {

using namespace std::chrono_literals;

/// A queue that may spend so much, at a provider where each token costs half a cent.
class BudgetTest : public ::testing::Test {
protected:
    Workbench bench;
    Shell shell{bench};

    void TearDown() override { EXPECT_EQ(bench.report().at("rows_paid_twice").to_number<int>(), 0); }
    void configure(const std::string& budget) {
        bench.set("queue.nightly.budget", "\"" + budget + "\"");
        set_price("gpt-4o-mini");
    }
    void set_price(const std::string& model) {
        bench.set("prices.models",
                  "{ \"" + model +
                      "\" = { input_cost_per_token_batches = 0.005, output_cost_per_token_batches = "
                      "0.005, input_cost_per_token = 0.01, output_cost_per_token = 0.01 } }");
    }
    void start() {
        bench.start();
        ASSERT_TRUE(bench.wait_for_event("started"));
    }
    void drop(const std::string& name, const std::string& content) {
        bench.drop_into("nightly", name, content);
    }
    void reload() {
        bench.write_configuration();
        bench.daemon().send(SIGHUP);
    }
    std::string value(const std::string& sql) { return bench.database().value(sql); }
    bool wait_for(const std::string& from, std::size_t count = 1) {
        return bench.wait_until([&] { return bench.database().count(from) == count; });
    }
    std::uint64_t batches_at_provider() { return bench.requests_to("POST /v1/batches"); }
    boost::json::value queue_line() {
        EXPECT_EQ(shell.run({"queues", "--json"}), 0) << shell.errors;
        const auto shown = boost::json::parse(shell.output);
        for (const auto& queue : shown.at("queues").as_array())
            if (queue.at("name").as_string() == "nightly") return queue;
        return {};
    }
};

TEST_F(BudgetTest, WhatGoesBeyondItWaitsSaysSoOnceAndGoesWhenItIsRaised) {
    bench.provider().change_settings(R"({"in_progress":3600})");
    configure("1 USD/day");
    start();
    drop("first", articles(3));
    ASSERT_TRUE(wait_for("batches WHERE status = 'in_progress'"));
    drop("second", articles(3));
    ASSERT_TRUE(wait_for("conditions WHERE kind = 'budget'"));
    EXPECT_EQ(batches_at_provider(), 1U);

    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("waits for money until ")) << shell.output;
    EXPECT_TRUE(shell.says("of 1 USD/day are left")) << shell.output;
    EXPECT_EQ(shell.run({"status", "--json"}), 0);
    const auto status = boost::json::parse(shell.output);
    const auto& condition = status.at("conditions").at(0);
    EXPECT_EQ(condition.at("kind").as_string(), "budget");
    EXPECT_EQ(condition.at("about").as_string(), "queue nightly");
    const auto queue = queue_line();
    EXPECT_EQ(queue.at("budget").as_string(), "1 USD/day");
    EXPECT_EQ(queue.at("spent").as_string(), "0");
    EXPECT_TRUE(queue.at("next_at").is_string());
    EXPECT_EQ(value("SELECT count(*) FROM notices WHERE type = 'budget' AND queue = 'nightly'"), "1");

    bench.daemon().kill();
    bench.start();
    ASSERT_TRUE(wait_for("events WHERE kind = 'started'", 2));
    ASSERT_TRUE(wait_for("conditions WHERE kind = 'budget'"));
    EXPECT_EQ(batches_at_provider(), 1U);
    EXPECT_EQ(value("SELECT count(*) FROM events WHERE kind = 'budget_holds'"), "1") << "it was told before";

    configure("2 USD/day");
    reload();
    ASSERT_TRUE(wait_for("batches WHERE status = 'in_progress'", 2));
    ASSERT_TRUE(bench.wait_for_event("budget_free"));
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(2));
    const auto spent = money::parse_dollars(std::string(queue_line().at("spent").as_string()));
    EXPECT_EQ(std::to_string(spent.value().count()), value("SELECT sum(cost) FROM jobs"));
}

TEST_F(BudgetTest, WhatIsSpentByFactMakesRoomForWhatWaits) {
    configure("1 USD/day");
    bench.provider().change_settings(R"({"in_progress":3600})");
    start();
    // Its requests cost nothing: none of them is answered.
    drop("first", file_of({chat_line("a"), chat_line("b"), chat_line("c")}));
    ASSERT_TRUE(wait_for("batches WHERE status = 'in_progress'"));
    drop("second", articles(3));
    ASSERT_TRUE(bench.wait_for_event("budget_holds"));
    bench.provider().change_settings(R"({"in_progress":0,"cancelling":0})");
    EXPECT_EQ(shell.run({"cancel", "first"}), 0) << shell.errors;
    bench.provider().advance_clock(2h);
    ASSERT_TRUE(bench.wait_for_jobs(2));
}

TEST_F(BudgetTest, WhatAloneIsBeyondItWaitsForAPersonAndHoldsUpNobody) {
    configure("1 USD/day");
    start();
    drop("large", articles(30));
    ASSERT_TRUE(bench.wait_for_event("budget_holds", "waits for a person"));
    drop("small", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    EXPECT_EQ(bench.database().count("jobs WHERE name = 'large' AND waits_for = 'budget'"), 1U);
    EXPECT_EQ(shell.run({"release", "nightly"}), 0);
    EXPECT_TRUE(
        shell.says("nothing waits in nightly for its time; 1 file waits for money: "
                   "`batchd release nightly --over-budget` sends it"))
        << shell.output;
    EXPECT_EQ(shell.run({"release", "nightly", "--over-budget"}), 0);
    EXPECT_TRUE(shell.says("30 requests of 1 file in nightly are sent")) << shell.output;
    ASSERT_TRUE(bench.wait_for_jobs(2));
    EXPECT_EQ(PublishedJob::read(bench.outbox() / "nightly/large").output_ids(), article_ids(30));
}

TEST_F(BudgetTest, WithoutAPriceItWaitsForOne) {
    configure("100 USD/month");
    start();
    drop("articles", file_of({chat_line("a", "unheard-of")}));
    ASSERT_TRUE(bench.wait_for_event("budget_holds", "nobody knows what it costs"));
    EXPECT_EQ(shell.run({"status"}), 0);
    EXPECT_TRUE(shell.says("waits for a price")) << shell.output;
    set_price("unheard-of");
    reload();
    ASSERT_TRUE(bench.wait_for_jobs(1));
}

TEST_F(BudgetTest, ASingleRunSendsWhatThereIsMoneyForAndSaysWhatIsLeft) {
    configure("1 USD/job");
    ASSERT_EQ(bench.run_once(), 0);  // makes the folder
    drop("large", articles(30));
    drop("small", articles(2));
    EXPECT_EQ(bench.run_once(), 1);
    EXPECT_NE(bench.log().find("what is left waits for money"), std::string::npos) << bench.log();
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'done' AND name = 'small'"), 1U);
    EXPECT_EQ(bench.database().count("jobs WHERE state = 'planned' AND name = 'large'"), 1U);
}

TEST_F(BudgetTest, WhatWasSpentAndWhatRunsCountsAlsoWhenTheDatabaseWasLost) {
    configure("1 USD/day");
    start();
    drop("spent", articles(2));
    ASSERT_TRUE(bench.wait_for_jobs(1));
    bench.provider().change_settings(R"({"in_progress":3600})");
    drop("runs", articles(2));
    ASSERT_TRUE(wait_for("batches WHERE status = 'in_progress'"));
    drop("waits", articles(3));
    ASSERT_TRUE(bench.wait_for_event("budget_holds"));
    const auto line_before = queue_line();
    bench.daemon().kill();
    bench.lose_database();
    EXPECT_EQ(bench.run({"recover"}), 0) << bench.log();
    EXPECT_EQ(value("SELECT group_concat(name) FROM (SELECT name FROM jobs WHERE released_at IS NOT NULL"
                    " ORDER BY name)"),
              "runs,spent");
    bench.start();
    ASSERT_TRUE(bench.wait_for_event("budget_holds"));
    EXPECT_EQ(bench.database().count("jobs WHERE name = 'waits' AND waits_for = 'money'"), 1U);
    EXPECT_EQ(queue_line().at("spent").as_string(), line_before.at("spent").as_string());
    EXPECT_EQ(batches_at_provider(), 2U);
}

TEST_F(BudgetTest, AnotherCurrencyIsAMistakeOfTheConfiguration) {
    configure("50 EUR/day");
    EXPECT_EQ(bench.run_once(), 78);
    EXPECT_NE(bench.log().find("queue.nightly.budget"), std::string::npos) << bench.log();
    EXPECT_NE(bench.log().find("prices are in USD"), std::string::npos) << bench.log();
    bench.set("queue.nightly.budget", "\"50 USD/fortnight\"");
    EXPECT_EQ(bench.run_once(), 78);
    EXPECT_NE(bench.log().find("a \"day\", a \"month\" or a \"job\""), std::string::npos) << bench.log();
}

}  // namespace
}  // namespace batchd::testing
