#include "engine/release/budget_keeper.hpp"

#include "engine/engine_fixture.hpp"
#include "engine/pipeline.hpp"
#include "money/budget/local_period.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

/// A queue whose requests are expected to cost 21 microdollars each, and cost 7.
struct BudgetKeeperTest : EngineFixture {
    BudgetKeeperTest() {
        provider.run_time = 5min;
        settings.prices.models["m"] = {{"input_cost_per_token", "2e-6"}, {"output_cost_per_token", "4e-6"}};
        set_budget("0.00005 USD/day");
        std::filesystem::create_directories(inbox() / "nightly");
        std::filesystem::create_directories(outbox() / "nightly");
    }
    ~BudgetKeeperTest() override { crash(); }

    void set_budget(const std::string& budget) { settings.queues["nightly"].budget = budget; }
    void start() {
        pipeline = std::make_unique<Pipeline>(resources(), Intake::Mode::daemon, accounts());
        tasks->spawn(pipeline->run());
        settle();
    }
    void drop(const std::string& name, unsigned requests) {
        std::string content;
        for (unsigned i = 0; i < requests; ++i) content += request_line("r" + std::to_string(i)) + "\n";
        ASSERT_TRUE(rename_file(dir.write("made", content), inbox() / "nightly" / (name + ".jsonl")));
    }
    std::int64_t estimate(const std::string& name) {
        return store->database
            .query_value<std::int64_t>("SELECT coalesce(estimated_cost, -1) FROM jobs WHERE name = ?", name)
            .value();
    }
    bool is_waiting(const std::string& name) {
        return store->database
            .query_value<bool>("SELECT count(*) FROM jobs WHERE waits_for = 'money' AND name = ?", name)
            .value();
    }
    bool is_done(const std::string& name) {
        return store->database
            .query_value<bool>("SELECT count(*) FROM jobs WHERE state = 'done' AND name = ?", name)
            .value();
    }

    std::unique_ptr<Pipeline> pipeline;
};

TEST_F(BudgetKeeperTest, WhatIsBeyondTheDaysBudgetGoesOnTheNextDay) {
    start();
    drop("first", 2);
    ASSERT_TRUE(eventually([&] { return is_done("first"); }));
    EXPECT_EQ(estimate("first"), 42'000);
    drop("second", 2);
    drop("third", 1);
    ASSERT_TRUE(eventually([&] { return is_waiting("second") && is_waiting("third"); }));
    EXPECT_EQ(provider.count_paid(), 1U);
    const TimePoint midnight = money::local_period(money::PeriodKind::day, clock.now()).to;
    EXPECT_EQ(job(store::JobId{2}).not_before, midnight);
    EXPECT_NE(pipeline->status().find("2 files wait for money"), std::string::npos) << pipeline->status();
    ASSERT_EQ(pipeline->conditions().size(), 1U);
    EXPECT_EQ(pipeline->conditions()[0].about, "queue nightly");
    EXPECT_EQ(pipeline->conditions()[0].text.substr(0, 30), "second waits for money until 2");
    EXPECT_EQ(pipeline->conditions()[0].text.substr(pipeline->conditions()[0].text.size() - 9), "(2 files)");
    EXPECT_EQ(count_events(EventKind::budget_holds), 1U);

    ASSERT_TRUE(eventually([&] { return !is_waiting("second"); }));
    EXPECT_GE(clock.now(), midnight);
    ASSERT_TRUE(eventually([&] { return is_done("second") && is_done("third"); }));
    EXPECT_EQ(count_events(EventKind::budget_holds), 1U);
    EXPECT_EQ(count_events(EventKind::budget_free), 1U);
    EXPECT_EQ(store->notices.newest().value(), 4) << "it was told once, beside the three that are done";
}

TEST_F(BudgetKeeperTest, KnowsThePriceOfAModelThatIsSentUnderAnotherName) {
    settings.provider.models["m"] = "d";
    start();
    drop("first", 2);
    ASSERT_TRUE(eventually([&] { return is_done("first"); }));
    EXPECT_EQ(estimate("first"), 42'000);
    EXPECT_EQ(store->database.query_value<std::int64_t>("SELECT coalesce(cost, -1) FROM jobs").value(),
              14'000);
    EXPECT_EQ(store->database.query_value<std::int64_t>("SELECT unpriced FROM jobs").value(), 0);
}

TEST_F(BudgetKeeperTest, WhatWentBeforeThereWasABudgetCountsAsWell) {
    set_budget("");
    start();
    drop("first", 2);
    ASSERT_TRUE(eventually([&] { return provider.count_paid() == 1; }));
    set_budget("0.00005 USD/day");
    drop("second", 2);
    ASSERT_TRUE(eventually([&] { return is_waiting("second"); }));
    EXPECT_EQ(estimate("first"), 42'000);
    set_budget("");
    pipeline->replace_queues();
    ASSERT_TRUE(eventually([&] { return is_done("second"); })) << "a budget that is taken away holds nothing";
}

TEST_F(BudgetKeeperTest, AnEstimateLearnsFromWhatTheQueuesJobsHaveUsed) {
    store->database
        .execute(
            "INSERT INTO jobs (key, name, state, requests, succeeded, asks, input_tokens, output_tokens,"
            " queue, created_at, released_at, device, inode) VALUES ('k', 'old', 'done', 2, 1,"
            " '[{\"model\":\"m\",\"requests\":2,\"tokens\":20000000}]', 20000000, 100000, 'nightly',"
            " '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', 1, 1)")
        .value();
    start();
    drop("first", 1);
    ASSERT_TRUE(eventually([&] { return is_done("first"); }));
    // Two tokens for one that was estimated, and nearly none out: 14 of a microdollar each, and one of two.
    EXPECT_EQ(estimate("first"), 14'000 + 2'000);
}

TEST_F(BudgetKeeperTest, WhatABudgetHeldStaysWhenItsQueueGoesAndGoesWhenOnlyTheBudgetDoes) {
    start();
    drop("first", 2);
    drop("second", 2);
    ASSERT_TRUE(eventually([&] { return is_waiting("second"); }));
    const config::Queue queue = settings.queues.at("nightly");
    settings.queues.erase("nightly");
    pipeline->replace_queues();
    advance(1min);
    EXPECT_TRUE(is_waiting("second"));
    ASSERT_EQ(pipeline->conditions().size(), 1U);
    const std::string text = pipeline->conditions()[0].text;
    EXPECT_NE(text.find("put [queue.nightly] back"), std::string::npos) << text;
    settings.queues["nightly"] = queue;
    set_budget("");
    pipeline->replace_queues();
    ASSERT_TRUE(eventually([&] { return is_done("second"); }));
}

TEST_F(BudgetKeeperTest, AMonthsBudgetLastsForTheMonth) {
    set_budget("0.00005 USD/month");
    start();
    drop("first", 2);
    drop("second", 2);
    ASSERT_TRUE(eventually([&] { return is_waiting("second"); }));
    EXPECT_EQ(job(store::JobId{2}).not_before, money::local_period(money::PeriodKind::month, clock.now()).to);
}

TEST_F(BudgetKeeperTest, WhatWasTooDearAndNowOnlyWaitsIsToldOnce) {
    start();
    drop("first", 2);
    ASSERT_TRUE(eventually([&] { return provider.count_paid() == 1; }));
    drop("second", 3);
    ASSERT_TRUE(eventually([&] { return count_events(EventKind::budget_holds) == 1; }));
    set_budget("0.00007 USD/day");
    for (int look = 0; look < 3; ++look) {
        pipeline->replace_queues();
        settle();
    }
    EXPECT_TRUE(is_waiting("second"));
    EXPECT_EQ(job(store::JobId{2}).not_before, money::local_period(money::PeriodKind::day, clock.now()).to);
    EXPECT_EQ(count_events(EventKind::budget_holds), 2U);
}

TEST_F(BudgetKeeperTest, WhatAClockThatWasAheadLetGoDoesNotCountInEachDayUntilThen) {
    start();
    drop("first", 2);
    ASSERT_TRUE(eventually([&] { return provider.count_paid() == 1; }));
    ASSERT_TRUE(store->database.run("UPDATE jobs SET released_at = ? WHERE name = 'first'",
                                    TimePoint(std::chrono::sys_days(std::chrono::year(2038) / 1 / 19))));
    drop("second", 2);
    EXPECT_TRUE(eventually([&] { return is_done("second"); }, 1h));
}

}  // namespace
}  // namespace batchd::engine
