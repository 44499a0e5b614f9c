#include "engine/submit/submitter.hpp"

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;
using testing::Took;

/// A gateway repeats a create that took effect: we hear of its second try, which is refused, and so is each
/// of ours as long as that batch is there.
struct RefusedCreateTest : SubmitterFixture, ::testing::WithParamInterface<FailureKind> {
    RefusedCreateTest() {
        for (unsigned nth = 1; nth <= 1000; ++nth)
            provider.fail(Call::create, nth, failure(GetParam()), nth == 1 ? Took::effect : Took::no_effect);
    }
    bool in_flight() { return phase(batch) == BatchPhase::watching; }

    store::Batch batch = add_planned("a", {"x", "y"});
};

TEST_P(RefusedCreateTest, IsNotMadeAgainBeforeTheListWouldShowTheBatch) {
    provider.list_lag = 9s;
    start();
    own_wakes.submitter.raise();  // as where another batch ends, and there is room at once
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 1h));
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_EQ(row(batch).batch_id, "batch_1");
}

TEST_P(RefusedCreateTest, IsLookedForAsLongAsItWaits) {
    provider.list_lag = 2min;  // far more than is configured
    start();
    ASSERT_TRUE(eventually([&] { return in_flight(); }, 24h));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(provider.count_batches(), 1U);
}

INSTANTIATE_TEST_SUITE_P(ForNow, RefusedCreateTest,
                         ::testing::Values(FailureKind::token_limit, FailureKind::not_found,
                                           FailureKind::conflict, FailureKind::rate_limited,
                                           FailureKind::quota),
                         [](const auto& named) { return std::string(provider::to_string(named.param)); });

}  // namespace
}  // namespace batchd::engine
