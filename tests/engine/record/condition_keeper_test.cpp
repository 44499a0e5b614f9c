#include "engine/record/condition_keeper.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

struct ConditionKeeperTest : EngineFixture {
    static store::Condition condition(std::string kind, std::string text) {
        return {.kind = std::move(kind), .about = "batch 1", .text = std::move(text)};
    }
    /// "kind: text" of each row, in the order of the table.
    std::vector<std::string> rows() {
        std::vector<std::string> all;
        for (const store::Condition& row : store->conditions.all().value())
            all.push_back(row.kind + ": " + row.text);
        return all;
    }
    std::int64_t changes() {
        auto statement = store->database.statement("SELECT total_changes()").value();
        EXPECT_TRUE(statement->step().value());
        const std::int64_t count = statement->integer();
        statement->reset();
        return count;
    }
    ConditionKeeper keeper{*store, log, clock};
    using Rows = std::vector<std::string>;
};

TEST_F(ConditionKeeperTest, KeepsWhatHoldsAndEndsWhatIsOver) {
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room"), condition("no_key", "no API key")}));
    EXPECT_EQ(rows(), (Rows{"no_key: no API key", "waiting: no room"}));
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room")}));
    EXPECT_EQ(rows(), Rows{"waiting: no room"});
    ASSERT_TRUE(keeper.keep({}));
    EXPECT_TRUE(rows().empty());
}

TEST_F(ConditionKeeperTest, WritesNothingWhereNothingHasChanged) {
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room")}));
    const auto before = changes();
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room")}));
    EXPECT_EQ(changes(), before);
}

TEST_F(ConditionKeeperTest, ANewTextOfTheSameConditionDoesNotBeginAnew) {
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room (2 batches)")}));
    const TimePoint since = store->conditions.all().value().at(0).since;
    clock.advance(1h);
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room (3 batches)")}));
    EXPECT_EQ(rows(), Rows{"waiting: no room (3 batches)"});
    EXPECT_EQ(store->conditions.all().value().at(0).since, since);
}

TEST_F(ConditionKeeperTest, WhatOthersSetStays) {
    ASSERT_TRUE(store->conditions.set(condition("held", "in doubt"), clock.now()));
    ASSERT_TRUE(store->conditions.set(condition("waiting", "of the last run"), clock.now()));
    ASSERT_TRUE(store->conditions.set(condition("left_alone", "a link"), clock.now()));
    ASSERT_TRUE(keeper.begin());
    ASSERT_TRUE(keeper.keep({}));
    EXPECT_EQ(rows(), (Rows{"held: in doubt", "left_alone: a link"}));
    ASSERT_TRUE(keeper.keep({condition("waiting", "no room")}));
    ASSERT_TRUE(keeper.keep({}));
    EXPECT_EQ(rows(), (Rows{"held: in doubt", "left_alone: a link"}));
}

TEST_F(ConditionKeeperTest, NoSecretGetsIntoTheTable) {
    log.add_secret("sk-secret");
    ASSERT_TRUE(keeper.keep({condition("provider_closed", "the key sk-secret\nis wrong")}));
    EXPECT_EQ(rows(), Rows{"provider_closed: the key [redacted]\\x0ais wrong"});
}

}  // namespace
}  // namespace batchd::engine
