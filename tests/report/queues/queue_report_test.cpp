#include "report/queues/queue_report.hpp"

#include <gtest/gtest.h>

#include "support/temp_dir.hpp"

namespace batchd::report {
namespace {

struct QueueReportTest : ::testing::Test {
    testing::TempDir dir;
    std::unique_ptr<store::Store> store =
        store::open_store(dir.path() / "batchd.db", store::OpenMode::read_write).value();
    config::Settings settings;

    QueueLine line(const std::string& name) {
        for (QueueLine& each : read_queues(store.get(), settings).value())
            if (each.name == name) return each;
        ADD_FAILURE() << "no queue " << name;
        return {};
    }
    void add_job(const std::string& queue, bool waits, const std::string& not_before) {
        ASSERT_TRUE(store->database.run(
            "INSERT INTO jobs (key, name, state, requests, created_at, device, inode, queue, waits, "
            "not_before)"
            " VALUES (hex(randomblob(8)), 'a', ?, 7, '2026-11-27T08:00:00Z', 0, 0, ?, ?, ?)",
            waits ? "planned" : "done", queue, waits, store::OrNull{not_before}));
    }
};

TEST_F(QueueReportTest, DefaultIsOneOfThemAndTheFirst) {
    settings.queues["fast"] = {};
    const auto lines = read_queues(nullptr, settings).value();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[0].name, "default");
    EXPECT_EQ(lines[0].provider, "default");
    EXPECT_EQ(lines[1].name, "fast");
    EXPECT_FALSE(lines[1].next_at);
}

TEST_F(QueueReportTest, ASchedulesNextMomentIsToldWhetherSomethingWaitsOrNot) {
    settings.queues["nightly"].schedule = "0 2 * * *";
    settings.queues["nightly"].timezone = "UTC";
    add_job("nightly", false, "");
    const QueueLine empty = line("nightly");
    ASSERT_TRUE(empty.next_at);
    EXPECT_TRUE(to_utc_text(*empty.next_at).ends_with("T02:00:00Z")) << to_utc_text(*empty.next_at);
    EXPECT_GT(*empty.next_at, make_system_clock()->now() - std::chrono::minutes(1));
    EXPECT_EQ(empty.why, "");

    add_job("nightly", true, "2026-11-27T08:10:00Z");
    const QueueLine full = line("nightly");
    EXPECT_EQ(to_utc_text(full.next_at.value()), "2026-11-27T08:10:00Z");
    EXPECT_EQ(full.requests_waiting, 7U);
    EXPECT_NE(full.why.find("for its schedule, 0 2 * * *"), std::string::npos) << full.why;
}

TEST_F(QueueReportTest, WhatNobodyCanPriceIsUnknownAndNotZero) {
    settings.queues["q"].budget = "50 USD/day";
    add_job("q", false, "");
    EXPECT_EQ(money_words(line("q")), "0 of 50 USD/day") << "nothing was let go today";
    store->database.run("UPDATE jobs SET released_at = ?, unpriced = 7", make_system_clock()->now()).value();
    EXPECT_FALSE(line("q").spent);
    EXPECT_EQ(money_words(line("q")), "– of 50 USD/day");
    EXPECT_NE(queues_json({line("q")}).find(R"("spent":null)"), std::string::npos);
    add_job("q", false, "");
    store->database
        .run("UPDATE jobs SET released_at = ?, cost = 1250000000 WHERE id = 2", make_system_clock()->now())
        .value();
    EXPECT_EQ(money_words(line("q")), "1.25 of 50 USD/day") << "what is known is told";
}

}  // namespace
}  // namespace batchd::report
