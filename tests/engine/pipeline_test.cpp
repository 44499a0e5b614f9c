#include "engine/pipeline.hpp"

#include <boost/asio/co_spawn.hpp>

#include "engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::JobState;
using testing::Call;
using testing::failure;
using testing::Took;

struct PipelineTest : EngineFixture {
    PipelineTest() { provider.run_time = 5min; }
    ~PipelineTest() override { crash(); }

    void start(Intake::Mode mode) {
        pipeline = std::make_unique<Pipeline>(resources(), mode, accounts());
        ended = false;
        tasks->spawn(run());
        settle();
    }
    boost::asio::awaitable<void> run() {
        co_await pipeline->run();
        ended = true;
    }
    void drop(const std::string& name, const std::vector<std::string>& ids) {
        std::string content;
        for (const std::string& id : ids) content += request_line(id) + "\n";
        const Path made = dir.write("made", content);
        ASSERT_TRUE(rename_file(made, inbox() / (name + ".jsonl")));
    }
    std::string delivered(const std::string& file) {
        const Path path = outbox() / file;
        return file_exists(path).value() ? testing::slurp(path) : "";
    }
    std::uint64_t waiting() {
        const auto queues = store->waiting_jobs.by_queue().value();
        return queues.empty() ? 0 : queues.front().files;
    }
    static std::string answers(const std::vector<std::string>& ids) {
        std::string text;
        for (const std::string& id : ids) text += testing::result_row(id) + "\n";
        return text;
    }

    std::unique_ptr<Pipeline> pipeline;
    bool ended = false;
};

TEST_F(PipelineTest, OnceAFileGoesInAndItsAnswersComeOutInOrder) {
    drop("a", {"x", "y", "z"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers({"x", "y", "z"}));
    EXPECT_EQ(job(store::JobId{1}).state, JobState::done);
    EXPECT_EQ(provider.count_paid(), 1U);
    EXPECT_TRUE(std::filesystem::is_empty(layout.work_root()));
    EXPECT_TRUE(std::filesystem::is_empty(inbox()));
}

TEST_F(PipelineTest, OnceEndsAtOnceWhereThereIsNothing) {
    start(Intake::Mode::once);
    EXPECT_TRUE(ended);
}

TEST_F(PipelineTest, OnceEndsWhenAllIsRejected) {
    drop("a", {"x", "x"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }, 1h));
    EXPECT_EQ(job(store::JobId{1}).state, JobState::rejected);
}

TEST_F(PipelineTest, OnceEndsWhenAClaimComesToNothing) {
    const auto claimed = add_claimed("a", "");
    ASSERT_TRUE(remove_file(layout.input(claimed.key)));
    start(Intake::Mode::once);
    EXPECT_TRUE(eventually([&] { return ended; }, 1h));
}

TEST_F(PipelineTest, OnceFinishesWhatAnEarlierRunLeft) {
    drop("a", {"x"});
    start(Intake::Mode::daemon);
    ASSERT_TRUE(eventually([&] { return provider.count_batches() == 1; }, 1h));
    crash();
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers({"x"}));
    EXPECT_EQ(provider.count_batches(), 1U);
}

TEST_F(PipelineTest, AFileOfManyShardsComesTogetherAgain) {
    settings.batch.max_requests = 3;
    std::vector<std::string> ids;
    for (int i = 0; i < 50; ++i) ids.push_back("r" + std::to_string(i));
    drop("a", ids);
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers(ids));
    EXPECT_EQ(provider.count_batches(), 17U);
}

TEST_F(PipelineTest, AShardThatIsLargerThanWhatMayBeEnqueuedIsCutAndComesTogetherAgain) {
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) ids.push_back("r" + std::to_string(i));
    drop("a", ids);
    provider.fail(Call::create, 1,
                  {.kind = provider::FailureKind::token_limit, .message = "Limit: 100 enqueued tokens."});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers(ids));
    EXPECT_GE(provider.count_batches(), 2U);
    EXPECT_EQ(provider.count_files(), 2 * provider.count_batches())
        << "the file that was too large is deleted";
}

TEST_F(PipelineTest, TheDaemonTakesFileAfterFile) {
    start(Intake::Mode::daemon);
    for (const auto* name : {"a", "b", "c"}) {
        drop(name, {"x"});
        ASSERT_TRUE(eventually([&] { return !delivered(std::string(name) + "/output.jsonl").empty(); }));
    }
    EXPECT_FALSE(ended);
}

TEST_F(PipelineTest, AQueueWithAScheduleSendsOneBatchEachEvening) {
    config::Queue evening;
    evening.schedule = "0 18 * * *";
    evening.timezone = "Europe/Berlin";
    settings.queues["summaries"] = evening;
    for (const Path& folder : {inbox(), outbox(), rejected()})
        std::filesystem::create_directory(folder / "summaries");
    start(Intake::Mode::daemon);
    std::size_t articles = 0;
    for (std::size_t day = 1; day <= 3; ++day) {
        for (const char* const who : {"anna", "ben", "carla"}) {
            const std::string name = who + std::to_string(day);
            const Path made = dir.write("made", request_line("a") + "\n" + request_line(name) + "\n");
            ASSERT_TRUE(rename_file(made, inbox() / "summaries" / (name + ".jsonl")));
            ++articles;
            ASSERT_TRUE(eventually([&] { return waiting() == (articles - 1) % 3 + 1; }, 1h));
            EXPECT_EQ(provider.count_batches(), day - 1) << "it waits for the evening";
        }
        for (const char* const who : {"anna", "ben", "carla"}) {
            const std::string name = who + std::to_string(day);
            ASSERT_TRUE(
                eventually([&] { return !delivered("summaries/" + name + "/output.jsonl").empty(); }));
            EXPECT_EQ(delivered("summaries/" + name + "/output.jsonl"), answers({"a", name}));
        }
        EXPECT_EQ(provider.count_batches(), day);
    }
    EXPECT_EQ(provider.count_paid(), 3U);
}

TEST_F(PipelineTest, SaysWhatItIsDoingInOneLine) {
    start(Intake::Mode::daemon);
    EXPECT_EQ(pipeline->status(), "waiting for files in " + inbox().string());
    drop("a", {"x"});
    ASSERT_TRUE(eventually([&] { return provider.count_batches() == 1; }, 1min));
    EXPECT_EQ(pipeline->status().find("1 job running, 1 batch in flight, next poll in "), 0U)
        << pipeline->status();
}

TEST_F(PipelineTest, SaysWhatItWaitsFor) {
    start(Intake::Mode::daemon);
    std::filesystem::remove_all(outbox());
    ASSERT_TRUE(replace_file(outbox(), "in the way"));
    drop("a", {"x"});
    const auto waits = [&] {
        const auto conditions = pipeline->conditions();
        return conditions.size() == 1 && conditions[0].kind == "waiting" && conditions[0].about == "job 1" &&
               conditions[0].job == store::JobId{1} &&
               conditions[0].text.find(outbox().string()) != std::string::npos;
    };
    EXPECT_TRUE(eventually(waits));
    std::filesystem::remove(outbox());
    std::filesystem::create_directory(outbox());
    EXPECT_TRUE(eventually([&] { return !delivered("a/output.jsonl").empty(); }));
    EXPECT_EQ(pipeline->status(), "waiting for files in " + inbox().string());
    EXPECT_TRUE(pipeline->conditions().empty());
}

TEST_F(PipelineTest, SaysThatTheInboxIsGone) {
    start(Intake::Mode::daemon);
    std::filesystem::remove_all(inbox());
    EXPECT_TRUE(eventually([&] { return pipeline->status() == "no jobs"; }));
    ASSERT_EQ(pipeline->conditions().size(), 1U);
    EXPECT_EQ(pipeline->conditions()[0].kind, "inbox_gone");
    EXPECT_EQ(pipeline->conditions()[0].about, inbox().string());
}

TEST_F(PipelineTest, OnceEndsWhereAllThatIsLeftIsHeld) {
    settings.retry.result_patience = 0s;
    const store::Batch batch = add_planned("a", {"x"});
    put_in_flight(batch);
    ASSERT_TRUE(store->batches.record_account(batch.id, {"https://elsewhere.example/v1", "x"}));
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_TRUE(pipeline->given_up());
}

TEST_F(PipelineTest, OnceEndsWhereAProviderDoesNotDeleteAndTheNextRunGoesOn) {
    settings.provider.delete_files = true;
    provider.fail_always(Call::delete_file, failure(FailureKind::unavailable));
    drop("a", {"x"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }, 1h));
    EXPECT_EQ(delivered("a/output.jsonl"), answers({"x"}));
    EXPECT_FALSE(pipeline->given_up()) << "all answers are there";
    EXPECT_NE(detail_of_last(EventKind::waiting).find("the next run goes on"), std::string::npos);
    EXPECT_EQ(store->jobs.count().value().to_clean, 1U);
    provider.clear_failures();
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }, 1h));
    EXPECT_EQ(provider.count_files(), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(layout.work_root()));
}

TEST_F(PipelineTest, OnceGoesOnAsLongAsSomethingIsDeleted) {
    settings.provider.delete_files = true;
    settings.batch.max_requests = 1;
    provider.latency[Call::delete_file] = 3min;
    drop("a", {"v", "w", "x", "y", "z"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(PipelineTest, AStartWithoutAnythingToDoTouchesNothingAtTheProvider) {
    drop("a", {"x"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    const std::size_t before = provider.calls.size();
    start(Intake::Mode::daemon);
    advance(1h);
    EXPECT_EQ(provider.calls.size(), before);
}

/// One call in doubt, by its kind and by whether it took effect all the same.
struct PipelineDoubtTest : PipelineTest, ::testing::WithParamInterface<std::tuple<Call, Took>> {};

TEST_P(PipelineDoubtTest, IsPaidOnceAndDelivered) {
    const auto [call, took] = GetParam();
    provider.fail(call, 1, failure(FailureKind::doubt), took);
    drop("a", {"x", "y"});
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers({"x", "y"}));
    EXPECT_EQ(provider.count_paid(), 1U);
}

INSTANTIATE_TEST_SUITE_P(OfACall, PipelineDoubtTest,
                         ::testing::Combine(::testing::Values(Call::upload, Call::create),
                                            ::testing::Values(Took::no_effect, Took::effect)));

/// A crash at the n-th call to the provider: before it took effect, or while its answer was on its way.
struct PipelineCrashTest : PipelineTest, ::testing::WithParamInterface<std::tuple<int, Took>> {};

TEST_P(PipelineCrashTest, IsPaidOnceAndDeliveredWhereverTheCrashComes) {
    const auto [nth, took] = GetParam();
    settings.batch.max_requests = 1;
    auto& latency = took == Took::effect ? provider.answer_latency : provider.latency;
    for (const Call call : {Call::upload, Call::create, Call::download, Call::retrieve}) latency[call] = 1s;
    drop("a", {"x", "y"});
    start(Intake::Mode::daemon);
    const auto calls = static_cast<std::size_t>(nth);
    ASSERT_TRUE(eventually([&] { return provider.calls.size() >= calls; }));
    crash();
    start(Intake::Mode::once);
    ASSERT_TRUE(eventually([&] { return ended; }));
    EXPECT_EQ(delivered("a/output.jsonl"), answers({"x", "y"}));
    EXPECT_EQ(provider.count_paid(), 2U);
}

INSTANTIATE_TEST_SUITE_P(AtCall, PipelineCrashTest,
                         ::testing::Combine(::testing::Range(1, 9),
                                            ::testing::Values(Took::no_effect, Took::effect)));

}  // namespace
}  // namespace batchd::engine
