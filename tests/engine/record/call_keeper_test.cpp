#include "engine/record/call_keeper.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::CodeClass;
using provider::Operation;

struct CallKeeperTest : EngineFixture {
    ~CallKeeperTest() override { crash(); }

    void start() {
        tasks->spawn(keep_calls(tally, "azure", *store, clock));
        settle();
    }
    std::vector<store::ProviderCalls> rows() { return store->provider_calls.all().value(); }

    provider::CallTally tally{context.get_executor()};
};

TEST_F(CallKeeperTest, RecordsTogetherWhatComesTogether) {
    start();
    EXPECT_EQ(clock.sleepers(), 0U) << "it waits for nothing while nobody calls";
    tally.add({Operation::download, CodeClass::success}, 80ms, 1000);
    advance(4s);
    EXPECT_TRUE(rows().empty());
    tally.add({Operation::download, CodeClass::success}, 20min, 500);
    tally.add({Operation::download, CodeClass::none}, 50ms);
    advance(1s);
    ASSERT_EQ(rows().size(), 3U);
    EXPECT_EQ(rows()[0].up_to_ms, 0U);
    EXPECT_EQ(rows()[1].up_to_ms, 100U);
    EXPECT_EQ(rows()[1].took_ms, 80U);
    EXPECT_EQ(rows()[0].bytes + rows()[1].bytes, 1500U);
    EXPECT_EQ(rows()[2].code, "none");
    EXPECT_EQ(rows()[2].up_to_ms, 50U) << "a bound is in the class below it";
    advance(1min);
    EXPECT_EQ(clock.sleepers(), 0U);
    EXPECT_EQ(rows()[1].calls, 1U) << "each call once";
}

TEST_F(CallKeeperTest, RecordsTheRestWhenItEnds) {
    start();
    tally.add({Operation::create, CodeClass::success}, 80ms);
    settle();
    crash();
    ASSERT_EQ(rows().size(), 1U);
    EXPECT_EQ(rows()[0].operation, "create");
    EXPECT_EQ(rows()[0].provider, "azure");
}

}  // namespace
}  // namespace batchd::engine
