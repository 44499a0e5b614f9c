// What is given up of a batch that several jobs share is one job's own.

#include "engine/command/command_rules.hpp"
#include "engine/commander_fixture.hpp"
#include "engine/record/owner.hpp"

namespace batchd::engine {
namespace {

using store::JobState;
using store::Verb;

/// "a" with two requests and "b" with one share a batch, whose provider is at another address by now.
struct AbandonTest : CommanderFixture {
    AbandonTest() {
        batch = add_planned("a", {"x", "y"});
        a = batch.job_id;
        b = add_planned("b", {"z"}).job_id;
        put_in_flight(batch);
        for (const char* const sql :
             {"UPDATE parts SET batch = 1, first_row = 3, last_row = 3 WHERE job_id = 2",
              "DELETE FROM batches WHERE id = 2", "UPDATE jobs SET state = 'running'",
              "UPDATE batches SET job_id = NULL, bundle = 'bundle', requests = 3, base_url = 'http://old/v1',"
              " held = 'put it back', held_since = '2026-11-22T00:00:00Z'"})
            store->database.execute(sql).value();
        start();
    }
    bool is_held() { return !row(batch).held.empty(); }

    store::Batch batch;
    store::JobId a, b;
};

TEST_F(AbandonTest, EndsThatJobAloneAndTheOthersGoOnBeingHeld) {
    const auto command = ask(Verb::abandon, b);
    EXPECT_TRUE(command.ok);
    EXPECT_EQ(
        command.result,
        "job 2 (b): 1 request of 1 batch that is held ends as batch_gone; what runs of it at the provider "
        "is charged, and its answers are not fetched; other jobs that share it are not touched");
    EXPECT_EQ(job(b).state, JobState::delivering);
    EXPECT_EQ(job(b).failed, 1U);
    EXPECT_NE(job(b).reason.find("given up by `batchd abandon`"), std::string::npos) << job(b).reason;
    EXPECT_EQ(job(a).state, JobState::running);
    EXPECT_EQ(job(a).failed, 0U);
    EXPECT_TRUE(is_held());
    EXPECT_EQ(phase(batch), store::BatchPhase::watching);
    EXPECT_EQ(store->conditions.of_job(a).value().size(), 1U);
    EXPECT_TRUE(store->conditions.of_job(b).value().empty());
    EXPECT_EQ(count_events(EventKind::batch_abandoned), 1U);
    EXPECT_TRUE(store->parts.of_bundles(b).value().at(0).was_abandoned);
}

TEST_F(AbandonTest, IsNotDoneTwiceAndACancelBehindItCountsNothingAgain) {
    ask(Verb::abandon, b);
    const auto again = ask(Verb::abandon, b);
    EXPECT_FALSE(again.ok);
    EXPECT_EQ(again.result, "no batch of job 2 (b) is held");
    ask(Verb::cancel, b);
    EXPECT_EQ(job(b).failed, 1U);
}

TEST_F(AbandonTest, TheLastOneInItEndsTheBatch) {
    ask(Verb::abandon, b);
    EXPECT_TRUE(ask(Verb::abandon, a).ok);
    EXPECT_FALSE(is_held());
    EXPECT_EQ(row(batch).outcome, store::Outcome::abandoned);
}

TEST_F(AbandonTest, WhoIsLeftInItStandsForTheBatchAndAllWhoLeftItHaveGivenItUp) {
    ask(Verb::abandon, a);
    EXPECT_EQ(owner_of(*store, row(batch)).value()->id, b) << "what people are told to type has to work";
    EXPECT_FALSE(owner_of(*store, row(batch)).value()->cancel_asked_at);
    EXPECT_TRUE(must_not_be_sent(*store, row(batch)).value()) << "nobody would have the answers of a's rows";
    ask(Verb::cancel, b);
    EXPECT_TRUE(owner_of(*store, row(batch)).value()->cancel_asked_at);
}

}  // namespace
}  // namespace batchd::engine
