#include <algorithm>

#include "engine/submitter_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using store::BatchPhase;
using testing::Call;

using SubmitterTermsTest = SubmitterFixture;

TEST_F(SubmitterTermsTest, OfAJobWhoseTermsCantBeReadNothingIsSentUntilTheyAreBack) {
    const auto batch = add_planned("a", {"x"});
    const std::string terms = to_json(terms_of(settings));
    store->database.run("UPDATE jobs SET terms = '{\"queue\": 7}'").value();
    start();
    advance(6h);
    EXPECT_TRUE(provider.calls.empty());
    EXPECT_EQ(phase(batch), BatchPhase::planned);
    EXPECT_EQ(count_events(EventKind::batch_held), 1U) << "said once";
    EXPECT_NE(row(batch).held.find("plan.json"), std::string::npos) << row(batch).held;
    const auto shown = store->conditions.all().value();
    EXPECT_TRUE(std::any_of(shown.begin(), shown.end(), [](const auto& one) { return one.kind == "held"; }));

    store->database.run("UPDATE jobs SET terms = ?", terms).value();
    advance(1h);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_TRUE(row(batch).held.empty());
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(SubmitterTermsTest, AJobWhoseTermsCantBeReadCanBeCancelled) {
    const auto batch = add_planned("a", {"x"});
    store->database.run("UPDATE jobs SET terms = 'nonsense'").value();
    start();
    store->jobs.record_cancel_asked(batch.job_id, clock.now()).value();
    submitter->take_up_cancel(batch.job_id);
    settle();
    EXPECT_EQ(phase(batch), BatchPhase::ended);
    EXPECT_TRUE(provider.calls.empty());
}

}  // namespace
}  // namespace batchd::engine
