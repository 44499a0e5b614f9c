#include "engine/plan/planner.hpp"

#include <future>

#include <boost/asio/post.hpp>

#include "engine/engine_fixture.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/folder_builder.hpp"

namespace batchd::engine {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using store::JobState;

struct PlannerTest : EngineFixture {
    ~PlannerTest() override { crash(); }

    void make() {
        intake = std::make_unique<Intake>(intake_ports(), Intake::Mode::daemon, due);
        planner = std::make_unique<Planner>(
            planner_ports(), [this](store::JobId id) { return intake->is_moving(id); }, Intake::Mode::daemon);
        tasks->spawn(planner->run());
    }
    void start() {
        make();
        settle();
    }
    void run_without_the_pool() {
        context.restart();
        while (context.poll_one() > 0) {
        }
    }
    /// The folder is shown, and the daemon is killed before that is on record.
    auto add_rejected_off_the_record() {
        const auto claimed = add_claimed("a", "nonsense\n");
        refuse("UPDATE ON jobs");
        start();
        crash();
        refuse_no_more();
        return claimed;
    }
    std::string reason_file(const std::string& folder = "a") {
        return testing::slurp(rejected() / folder / "reason.txt");
    }
    std::size_t count_folders(const Path& parent) {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(parent)) ++count;
        return count;
    }

    std::unique_ptr<Intake> intake;
    std::unique_ptr<Planner> planner;
};

TEST_F(PlannerTest, PlansAGoodFile) {
    settings.batch.max_requests = 2;
    const auto claimed =
        add_claimed("a", request_line("x") + "\n" + request_line("y") + "\n" + request_line("z") + "\n");
    const auto before = own_wakes.submitter.times_raised();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
    EXPECT_EQ(job(claimed.id).requests, 3U);
    EXPECT_EQ(job(claimed.id).sha256.size(), 64U);
    const auto batches = batches_of(claimed.id);
    ASSERT_EQ(batches.size(), 2U);
    EXPECT_EQ(batches[0].requests, 2U);
    EXPECT_EQ(batches[0].model, "m");
    EXPECT_EQ(batches[1].shard, 2U);
    EXPECT_NE(batches[0].key, batches[1].key);
    EXPECT_GT(own_wakes.submitter.times_raised(), before);
    EXPECT_EQ(events(), std::vector<std::string>{"job_planned"});
}

TEST_F(PlannerTest, RejectsABadFileWithWhatIsWrongWithIt) {
    const auto claimed = add_claimed("a", request_line("x") + "\n" + request_line("x") + "\n");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_EQ(job(claimed.id).reason, R"(line 2: custom_id "x" was already used on line 1)");
    EXPECT_EQ(job(claimed.id).delivered_to, (rejected() / "a").string());
    EXPECT_EQ(reason_file().find("line 2: custom_id"), 0U);
    EXPECT_EQ(testing::slurp(rejected() / "a/input.jsonl"),
              request_line("x") + "\n" + request_line("x") + "\n");
    EXPECT_TRUE(batches_of(claimed.id).empty());
}

TEST_F(PlannerTest, RejectsAnEmptyFile) {
    const auto claimed = add_claimed("a", "");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_NE(reason_file().find("no request"), std::string::npos);
}

TEST_F(PlannerTest, NeverOverwritesAnEarlierRejection) {
    add_claimed("a", "");
    add_claimed("a", "");
    start();
    EXPECT_NE(reason_file("a"), reason_file("a.2")) << "each ends with its own key";
}

TEST_F(PlannerTest, SubmitsTheGoodLinesWhereBadOnesAreSkipped) {
    settings.spool.on_invalid_line = config::OnInvalidLine::skip;
    const auto claimed = add_claimed("a", request_line("x") + "\nnonsense\n");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
    EXPECT_EQ(job(claimed.id).requests, 2U);
    EXPECT_EQ(job(claimed.id).failed, 1U);
    EXPECT_EQ(batches_of(claimed.id).at(0).requests, 1U);
}

TEST_F(PlannerTest, AFileOfSkippedLinesOnlyIsDeliveredAtOnce) {
    settings.spool.on_invalid_line = config::OnInvalidLine::skip;
    const auto claimed = add_claimed("a", "nonsense\n");
    const auto before = wakes.deliverer.times_raised();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::delivering);
    EXPECT_GT(wakes.deliverer.times_raised(), before);
}

TEST_F(PlannerTest, AFileThatCannotBeReadWaitsAndHoldsUpNobody) {
    const auto stuck = add_claimed("stuck", "");
    ASSERT_TRUE(remove_file(layout.input(stuck.key)));
    ASSERT_TRUE(make_directory(layout.input(stuck.key)));
    const auto good = add_claimed("good", request_line("x") + "\n");
    start();
    EXPECT_EQ(job(good.id).state, JobState::planned);
    EXPECT_EQ(job(stuck.id).state, JobState::claimed);
    EXPECT_EQ(count_events(EventKind::waiting), 1U);
}

TEST_F(PlannerTest, APlanIsCommittedWholeOrNotAtAll) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    refuse("INSERT ON batches");
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    EXPECT_EQ(job(claimed.id).requests, 0U);
    refuse_no_more();
    ASSERT_TRUE(eventually([&] { return job(claimed.id).state == JobState::planned; }, 10s));
    EXPECT_EQ(batches_of(claimed.id).size(), 1U);
}

TEST_F(PlannerTest, PlansAgainWhatACrashLeftHalfPlanned) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    replace_file(layout.shard_file(claimed.key, {1, 1}, spool::ShardFile::prepared), "old").value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
    EXPECT_EQ(testing::texts_of(layout.shard_file(claimed.key, {1, 1}, spool::ShardFile::prepared)),
              request_line("x") + "\n");
}

TEST_F(PlannerTest, RejectsAgainWhenTheCrashCameBehindTheReason) {
    const auto claimed = add_claimed("a", "nonsense\n");
    replace_file(layout.reason(claimed.key), "line 1: half\n").value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_EQ(testing::slurp(rejected() / "a/input.jsonl"), "nonsense\n");
}

TEST_F(PlannerTest, FinishesARejectionWhoseInputHadMovedAlready) {
    const auto claimed = add_claimed("a", "nonsense\n");
    replace_file(layout.reason(claimed.key), "line 1: what was wrong\n\njob key: " + claimed.key + "\n")
        .value();
    auto folder = spool::FolderBuilder::create(rejected(), "a", claimed.key).value();
    folder.take_input(layout.input(claimed.key)).value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_EQ(job(claimed.id).reason, "line 1: what was wrong");
    EXPECT_EQ(testing::slurp(rejected() / "a/input.jsonl"), "nonsense\n");
    EXPECT_EQ(reason_file().find("line 1: what was wrong\n"), 0U);
}

TEST_F(PlannerTest, RecordsARejectionThatWasPublishedAlready) {
    const auto claimed = add_claimed("a", "nonsense\n");
    const std::string text = "line 1: what was wrong\n\njob key: " + claimed.key + "\n";
    replace_file(layout.reason(claimed.key), text).value();
    auto folder = spool::FolderBuilder::create(rejected(), "a", claimed.key).value();
    folder.take_input(layout.input(claimed.key)).value();
    replace_file(folder.path() / "reason.txt", text).value();
    folder.publish().value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_EQ(count_folders(rejected()), 1U);
}

TEST_F(PlannerTest, ARejectionThatWasTakenAwayBeforeItWasRecordedIsSaidOnceMore) {
    const auto claimed = add_rejected_off_the_record();
    const std::string said = reason_file();
    std::filesystem::remove_all(rejected() / "a");
    store->jobs.record_cancel_asked(claimed.id, clock.now()).value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_NE(job(claimed.id).reason.find("line 1"), std::string::npos) << job(claimed.id).reason;
    EXPECT_EQ(reason_file(), said);
    EXPECT_FALSE(file_exists(rejected() / "a/input.jsonl").value());
}

TEST_F(PlannerTest, ARejectionIsFoundThoughRejectedIsAnotherFolderByNow) {
    const auto claimed = add_rejected_off_the_record();
    ASSERT_FALSE(file_exists(layout.input(claimed.key)).value());
    const Path before = rejected() / "a";
    settings.spool.rejected = dir.path() / "another";
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::rejected);
    EXPECT_EQ(job(claimed.id).delivered_to, before.string());
}

TEST_F(PlannerTest, NeverForgetsAJobWhoseReasonCannotBeRead) {
    const auto claimed = add_claimed("a", "nonsense\n");
    auto folder = spool::FolderBuilder::create(rejected(), "a", claimed.key).value();
    folder.take_input(layout.input(claimed.key)).value();
    make_directory(layout.reason(claimed.key)).value();  // as good as an unreadable file
    start();
    advance(1h);
    ASSERT_TRUE(store->jobs.find(claimed.id).value()) << "its input is in a hidden folder";
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
}

TEST_F(PlannerTest, ACancelledJobWhoseFileWasNotReadGoesToTheDeliverer) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    jsonl::RowFileWriter::create(layout.invalid(claimed.key)).value().commit().value();  // left by a crash
    store->jobs.record_cancel_asked(claimed.id, clock.now()).value();
    const auto before = wakes.deliverer.times_raised();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::delivering);
    EXPECT_EQ(job(claimed.id).requests, 0U);
    EXPECT_NE(job(claimed.id).reason.find("nothing of it was sent"), std::string::npos);
    EXPECT_TRUE(batches_of(claimed.id).empty());
    EXPECT_FALSE(file_exists(layout.invalid(claimed.key)).value());
    EXPECT_GT(wakes.deliverer.times_raised(), before);
}

TEST_F(PlannerTest, ACancelBreaksOffTheReadingOfAFile) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    std::promise<void> pool_is_free;
    asio::post(pool, [&] { pool_is_free.get_future().wait(); });
    make();
    run_without_the_pool();
    store->jobs.record_cancel_asked(claimed.id, clock.now()).value();
    planner->take_up_cancel(claimed);
    pool_is_free.set_value();
    settle();
    EXPECT_EQ(job(claimed.id).state, JobState::delivering);
    EXPECT_EQ(job(claimed.id).requests, 0U) << "it was read";
}

TEST_F(PlannerTest, ACancelOfALargeFileWaitsForNoOtherThatIsBeingRead) {
    add_claimed("a", request_line("x") + "\n");
    const auto cancelled = add_claimed("b", request_line("y") + "\n");
    store->database.run("UPDATE jobs SET bytes = 300000000000").value();
    std::promise<void> pool_is_free;
    asio::post(pool, [&] { pool_is_free.get_future().wait(); });
    std::vector<store::JobId> begun;
    planner = std::make_unique<Planner>(
        planner_ports(), [&](store::JobId id) { return begun.push_back(id), false; }, Intake::Mode::daemon);
    tasks->spawn(planner->run());
    run_without_the_pool();
    store->jobs.record_cancel_asked(cancelled.id, clock.now()).value();
    planner->take_up_cancel(job(cancelled.id));
    run_without_the_pool();
    EXPECT_EQ(begun.back(), cancelled.id);
    pool_is_free.set_value();
    settle();
}

TEST_F(PlannerTest, AStopOfTheDaemonBreaksOffTheReadingAndDecidesNothing) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    std::promise<void> pool_is_free;
    asio::post(pool, [&] { pool_is_free.get_future().wait(); });
    make();
    run_without_the_pool();
    tasks->cancel();
    run_without_the_pool();
    pool_is_free.set_value();
    crash();
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::planned);
}

TEST_F(PlannerTest, ACancelTakesUpAJobThatWaits) {
    const auto stuck = add_claimed("stuck", "");
    ASSERT_TRUE(remove_file(layout.input(stuck.key)));
    ASSERT_TRUE(make_directory(layout.input(stuck.key)));
    start();
    EXPECT_EQ(job(stuck.id).state, JobState::claimed);
    store->jobs.record_cancel_asked(stuck.id, clock.now()).value();
    planner->take_up_cancel(stuck);
    settle();
    EXPECT_EQ(job(stuck.id).state, JobState::delivering);
}

TEST_F(PlannerTest, PlansLargeFilesBesideSmallOnes) {
    store::Job large;
    large.key = "00000000-0000-4000-8000-00000000000a";
    large.name = "large";
    large.size_bytes = 300'000'000'000;
    large.created_at = clock.now();
    large.id = store->jobs.add(large).value();
    make_directory(layout.work_directory(large.key)).value();
    replace_file(layout.input(large.key), request_line("x") + "\n").value();
    const auto small = add_claimed("small", request_line("y") + "\n");
    start();
    EXPECT_EQ(job(large.id).state, JobState::planned);
    EXPECT_EQ(job(small.id).state, JobState::planned);
}

TEST_F(PlannerTest, ACancelDoesNotTakeTheFolderFromUnderAFileThatIsOnItsWay) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    const Path input = layout.input(claimed.key), there = dir.path() / "on its way";
    ASSERT_TRUE(rename_file(input, there));
    bool is_moving = true;
    planner = std::make_unique<Planner>(
        planner_ports(), [&](store::JobId) { return is_moving; }, Intake::Mode::daemon);
    tasks->spawn(planner->run());
    settle();
    store->jobs.record_cancel_asked(claimed.id, clock.now()).value();
    planner->take_up_cancel(claimed);
    settle();
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    ASSERT_TRUE(rename_file(there, input)) << "its folder is there still";
    is_moving = false;
    wakes.planner.raise();
    settle();
    EXPECT_EQ(job(claimed.id).state, JobState::delivering);
}

TEST_F(PlannerTest, ForgetsAClaimThatNeverTookAFile) {
    const auto claimed = add_claimed("a", "");
    ASSERT_TRUE(remove_file(layout.input(claimed.key)));
    const auto before = wakes.finisher.times_raised();
    start();
    EXPECT_FALSE(store->jobs.find(claimed.id).value());
    EXPECT_EQ(count_events(EventKind::claim_undone), 1U);
    EXPECT_GT(wakes.finisher.times_raised(), before) << "it may be what the end is waited for";
}

TEST_F(PlannerTest, AJobWhoseTermsCantBeReadWaitsAndSaysWhy) {
    const auto claimed = add_claimed("a", request_line("x") + "\n");
    store->database.run("UPDATE jobs SET terms = 'nonsense'").value();
    start();
    EXPECT_EQ(job(claimed.id).state, JobState::claimed);
    EXPECT_TRUE(batches_of(claimed.id).empty());
    EXPECT_NE(detail_of_last(EventKind::waiting).find("jobs.terms"), std::string::npos);
    EXPECT_TRUE(file_exists(layout.input(claimed.key)).value());
}

}  // namespace
}  // namespace batchd::engine
