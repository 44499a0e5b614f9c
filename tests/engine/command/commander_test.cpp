#include "engine/command/commander.hpp"

#include "engine/command/command_rules.hpp"
#include "engine/commander_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using store::Verb;
using testing::Call;
using testing::failure;

using CommanderTest = CommanderFixture;

TEST_F(CommanderTest, ACancelWithdrawsWhatIsNotSubmittedAndSaysSo) {
    provider.fail_always(Call::upload, failure(FailureKind::unavailable));
    const auto batch = add_planned("a", {"x"});
    start();
    const auto command = ask(Verb::cancel, batch.job_id);
    EXPECT_TRUE(command.done_at);
    EXPECT_TRUE(command.ok);
    EXPECT_EQ(
        command.result,
        "job 1 (a) is being cancelled: 1 batch not to be submitted; what is answered by then is delivered");
    EXPECT_GE(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).status, "cancelled");
    EXPECT_EQ(count_events(EventKind::command), 1U);
    EXPECT_EQ(count_events(EventKind::batch_withdrawn), 1U);
}

TEST_F(CommanderTest, ACancelBreaksOffAnUploadThatIsUnderWay) {
    provider.latency[Call::upload] = 1h;
    const auto batch = add_planned("a", {"x"});
    start();
    EXPECT_EQ(phase(batch), BatchPhase::uploading);
    ask(Verb::cancel, batch.job_id);
    EXPECT_GE(phase(batch), BatchPhase::ended);
    advance(2h);
    EXPECT_EQ(provider.count_files(), 0U);
    EXPECT_EQ(provider.count(Call::upload), 1U);
}

TEST_F(CommanderTest, ACancelLetsACreateThatIsUnderWayComeToItsEnd) {
    provider.latency[Call::create] = 1min;
    const auto batch = add_planned("a", {"x"});
    start();
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    const auto canceller = own_wakes.canceller.times_raised();
    ask(Verb::cancel, batch.job_id);
    EXPECT_EQ(phase(batch), BatchPhase::creating);
    advance(1min);
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_GT(own_wakes.canceller.times_raised(), canceller + 1) << "the canceller is told of the new batch";
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(CommanderTest, ACancelFreesTheTokensThatWereAdmitted) {
    settings.batch.enqueued_tokens["m"] = 50;  // room for one of 40
    provider.latency[Call::upload] = 1h;
    const auto first = add_planned("a", {"x"});
    start();
    const auto second = add_planned("b", {"y"});
    own_wakes.submitter.raise();
    settle();
    EXPECT_EQ(phase(second), BatchPhase::planned);
    ask(Verb::cancel, first.job_id);
    EXPECT_EQ(phase(second), BatchPhase::uploading);
}

TEST_F(CommanderTest, NothingIsLookedAtWhileNothingHappens) {
    start();
    advance(24h);
    EXPECT_EQ(clock.sleepers(), 0U);
}

TEST_F(CommanderTest, ACommitOfAnotherProcessIsSeenThoughItTakesTime) {
    const auto batch = add_planned("a", {"x"});
    start();
    auto other = store::Database::open(layout.database(), store::OpenMode::guest).value();
    other.execute("BEGIN IMMEDIATE; INSERT INTO commands (verb, job_id) VALUES ('cancel', 1)").value();
    wakes.commands_written.raise();
    advance(10s);
    EXPECT_FALSE(job(batch.job_id).cancel_asked_at);
    other.execute("COMMIT").value();
    advance(1s);
    EXPECT_TRUE(job(batch.job_id).cancel_asked_at);
}

TEST_F(CommanderTest, ARetryThatCanNotBeWrittenNowIsDoneLater) {
    const auto batch = add_planned("a", {"x"});
    const store::Job of = job(batch.job_id);
    const Path folder = outbox() / "a";
    make_directory(folder).value();
    replace_file(folder / "input.jsonl", request_line("x") + "\n").value();
    replace_file(folder / "errors.jsonl", testing::error_row("x", "bad") + "\n").value();
    store->database
        .execute(
            ("UPDATE jobs SET state = 'done', failed = 1, delivered_to = '" + folder.string() + "'").c_str())
        .value();
    std::filesystem::remove(layout.work_directory(of.key) / "input.jsonl");
    std::filesystem::rename(layout.work_root(), dir.path() / "aside");
    dir.write("state/work", "in the way");
    start();
    EXPECT_FALSE(ask(Verb::retry, of.id).done_at);
    std::filesystem::remove(layout.work_root());
    std::filesystem::rename(dir.path() / "aside", layout.work_root());
    ASSERT_TRUE(eventually([&] { return store->commands.open(1).value().empty(); }, 1h));
    const store::Job again = job(store::JobId{2});
    EXPECT_EQ(again.retry_of, of.id);
    EXPECT_EQ(again.state, store::JobState::claimed);
    EXPECT_EQ(testing::slurp(layout.input(again.key)), request_line("x") + "\n");
    EXPECT_EQ(std::filesystem::read_symlink(layout.name_link(again.key)), "a.jsonl");
}

TEST(CommandRulesTest, SayInASentenceWhyNot) {
    store::Job job;
    job.id = store::JobId{3};
    job.name = "a\nb";
    job.state = store::JobState::running;
    EXPECT_EQ(title(job), "job 3 (a\\x0ab)");
    EXPECT_FALSE(why_not_cancel(job));
    EXPECT_TRUE(why_not_retry(job, {}));
    job.state = store::JobState::delivering;
    EXPECT_FALSE(why_not_cancel(job)) << "where files of it are missing, nothing else ends it";
    job.state = store::JobState::done;
    EXPECT_TRUE(why_not_cancel(job));
    EXPECT_TRUE(why_not_retry(job, {})) << "nothing has failed";
    job.failed = 1;
    EXPECT_FALSE(why_not_retry(job, {}));
    EXPECT_TRUE(why_not_retry(job, store::JobId{4}));
    job.state = store::JobState::rejected;
    EXPECT_TRUE(why_not_retry(job, {}));
}

/// A create took effect unseen, and the provider has no list of batches.
struct HeldTest : CommanderTest {
    HeldTest() {
        provider.fail(Call::create, 1, failure(FailureKind::doubt), testing::Took::effect);
        provider.fail_always(Call::list_batches, failure(FailureKind::unsupported));
        start();
        EXPECT_TRUE(eventually([&] { return !row(batch).held.empty(); }, 1min));
    }
    store::Batch batch = add_planned("a", {"x", "y"});
};

TEST_F(HeldTest, AdoptTakesTheBatchThatIsNamed) {
    const auto command = ask(Verb::adopt, batch.job_id, "batch_1");
    EXPECT_TRUE(command.ok) << command.result;
    EXPECT_EQ(row(batch).batch_id, "batch_1");
    EXPECT_EQ(phase(batch), BatchPhase::watching);
    EXPECT_EQ(row(batch).held, "");
    EXPECT_TRUE(store->conditions.all().value().empty());
    EXPECT_NE(command.result.find("2 requests"), std::string::npos) << command.result;
}

TEST_F(HeldTest, AdoptRefusesWhatIsNotThere) {
    const auto command = ask(Verb::adopt, batch.job_id, "batch_77");
    EXPECT_FALSE(command.ok);
    EXPECT_EQ(command.result, "batch_77 can't be looked at: 404: no such object");
    EXPECT_NE(row(batch).held, "");
}

TEST_F(HeldTest, AdoptRefusesABatchOfSomebodyElse) {
    const std::string foreign = provider.add_batch("other-mark", "their-file").id;
    const auto command = ask(Verb::adopt, batch.job_id, foreign);
    EXPECT_FALSE(command.ok);
    EXPECT_EQ(command.result, foreign + " bears another mark: it is not the batch in doubt");
    EXPECT_EQ(phase(batch), BatchPhase::creating);
}

TEST_F(HeldTest, ResendSendsItAgainAndSaysWhatThatMayCost) {
    const auto command = ask(Verb::resend, batch.job_id);
    EXPECT_TRUE(command.ok) << command.result;
    EXPECT_NE(command.result.find("2 requests are sent again; if"), std::string::npos) << command.result;
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_2");
    EXPECT_EQ(provider.count(Call::create), 2U);
}

TEST_F(HeldTest, AbandonGivesItUpForGood) {
    const auto command = ask(Verb::abandon, batch.job_id);
    EXPECT_TRUE(command.ok) << command.result;
    EXPECT_GE(phase(batch), BatchPhase::ended);
    EXPECT_EQ(row(batch).outcome, store::Outcome::abandoned);
    EXPECT_EQ(count_events(EventKind::batch_abandoned), 1U);
    advance(24h);
    EXPECT_EQ(provider.count(Call::create), 1U);
}

TEST_F(CommanderTest, WhereNothingIsHeldTheVerbsForDoubtsSaySo) {
    const auto batch = add_planned("a", {"x"});
    start();
    for (const Verb verb : {Verb::abandon, Verb::adopt, Verb::resend}) {
        const auto command = ask(verb, batch.job_id, "batch_1");
        EXPECT_FALSE(command.ok);
        EXPECT_EQ(command.result, "no batch of job 1 (a) is held");
    }
}

}  // namespace
}  // namespace batchd::engine
