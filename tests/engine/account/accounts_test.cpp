#include "engine/account/accounts.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;

/// One account, which a reload gives another provider, as at another address.
struct AccountChangeTest : EngineFixture {
    AccountChangeTest() : all(resources(), accounts()) {
        tasks->spawn(all.run());
        settle();
    }
    ~AccountChangeTest() override { crash(); }

    void reload_with(testing::FakeProvider& other) {
        auto configured = accounts();
        configured.front().calls = std::shared_ptr<provider::Provider>(&other, [](auto*) {});
        all.replace(std::move(configured));
        settle();
    }
    bool is_at_work(const testing::FakeProvider& which) {
        AccountStages* const stages = all.find("default");
        return stages != nullptr && stages->calls().get() == &which;
    }

    testing::FakeProvider second{clock}, third{clock};
    Accounts all;
};

TEST_F(AccountChangeTest, TheStagesOfTheOneBeforeEndBehindWhatIsUnderWay) {
    provider.drain_time = 5s;
    reload_with(second);
    EXPECT_EQ(provider.drains, 1U);
    advance(4s);
    EXPECT_TRUE(is_at_work(provider));
    advance(1s);
    EXPECT_TRUE(is_at_work(second));
    EXPECT_EQ(second.drains, 0U);
}

TEST_F(AccountChangeTest, ASecondReloadWhileTheFirstWaitsLeavesTheNewestAtWork) {
    provider.drain_time = 5s;
    reload_with(second);
    advance(2s);
    reload_with(third);
    advance(1h);
    EXPECT_TRUE(is_at_work(third));
    EXPECT_EQ(third.drains, 0U) << "what is drained begins nothing any more";
    reload_with(second);
    EXPECT_EQ(third.drains, 1U) << "a change that comes later is seen";
    EXPECT_TRUE(is_at_work(second));
}

TEST_F(AccountChangeTest, WhatIsUnderWayMayTakeAsLongAsItsDisk) {
    provider.drain_time = 3h;
    reload_with(second);
    advance(2h);
    EXPECT_TRUE(is_at_work(provider));
    advance(1h);
    EXPECT_TRUE(is_at_work(second));
}

}  // namespace
}  // namespace batchd::engine
