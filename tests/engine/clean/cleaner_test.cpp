#include "engine/clean/cleaner.hpp"
#include "engine/clean/forget_old.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::JobState;
using testing::Call;
using testing::failure;

struct CleanerTest : EngineFixture {
    ~CleanerTest() override { crash(); }

    void start() {
        cleaner =
            std::make_unique<Cleaner>(Cleaner::Ports{settings, layout, *store, clock, pool, *journal, wakes,
                                                     account_name, settings.provider, provider, own_wakes});
        tasks->spawn(cleaner->run());
        if (const auto keep = settings.state.keep) tasks->spawn(forget_old(*store, clock, *journal, *keep));
        settle();
    }
    /// A job that has ended as done, with an input file and a result file at the provider.
    store::Job add_ended(const std::string& name, std::uint64_t lost = 0,
                         store::Outcome outcome = store::Outcome::ended) {
        const auto batch = add_planned(name, {"x"});
        put_in_flight(batch);
        const std::string output = provider.add_file("out", "{}");
        store->batches
            .record_end(batch.id, {.status = "completed", .output_file_id = output, .outcome = outcome},
                        clock.now())
            .value();
        store->batches.record_account(batch.id, {"https://api.example/v1", ""}).value();
        store->batches.record_collection(batch.id, {.succeeded = 1, .lost = lost}, clock.now()).value();
        store->jobs.change_state(batch.job_id, JobState::delivering).value();
        store->jobs.finish(batch.job_id, JobState::done, outbox() / name, clock.now()).value();
        return job(batch.job_id);
    }
    bool has_work(const store::Job& of) { return file_exists(layout.work_directory(of.key)).value(); }
    std::uint64_t to_clean() { return store->jobs.count().value().to_clean; }

    std::unique_ptr<Cleaner> cleaner;
};

TEST_F(CleanerTest, RemovesTheWorkDirectoryOfAnEndedJob) {
    const auto ended = add_ended("a");
    const auto running = add_planned("b", {"y"});
    const auto finisher = wakes.finisher.times_raised();
    start();
    EXPECT_FALSE(has_work(ended));
    EXPECT_TRUE(has_work(job(running.job_id)));
    EXPECT_EQ(to_clean(), 0U);
    EXPECT_EQ(provider.count(Call::delete_file), 0U);
    EXPECT_GT(wakes.finisher.times_raised(), finisher);
}

TEST_F(CleanerTest, DeletesFilesAtTheProviderWhereThatIsWanted) {
    settings.provider.delete_files = true;
    add_ended("a");
    start();
    EXPECT_EQ(provider.count_files(), 0U);
    EXPECT_EQ(to_clean(), 0U);
}

TEST_F(CleanerTest, AResultFileWithoutItsAnswersInTheOutboxIsLeftAlone) {
    settings.provider.delete_files = true;
    add_ended("lost", 1);
    add_ended("left open", 0, store::Outcome::unanswered_cancel);
    add_ended("given up", 0, store::Outcome::abandoned);
    start();
    EXPECT_EQ(provider.count_files(), 3U) << "their inputs are gone, their outputs are not";
    EXPECT_EQ(to_clean(), 0U);
}

TEST_F(CleanerTest, NothingIsDeletedAtAnotherAddress) {
    settings.provider.delete_files = true;
    add_ended("a");
    provider.its_identity.base_url = "https://other.example/v1";
    start();
    EXPECT_EQ(provider.count(Call::delete_file), 0U);
    EXPECT_EQ(to_clean(), 0U);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("https://api.example/v1"), std::string::npos);
}

TEST_F(CleanerTest, AFileThatIsGoneAlreadyIsFine) {
    settings.provider.delete_files = true;
    add_ended("a");
    provider.forget_file("file-1");
    start();
    EXPECT_EQ(provider.count_files(), 0U);
    EXPECT_EQ(to_clean(), 0U);
}

TEST_F(CleanerTest, TriesAgainWhileTheProviderIsAway) {
    settings.provider.delete_files = true;
    const auto ended = add_ended("a");
    provider.fail(Call::delete_file, 1, failure(FailureKind::unreachable));
    start();
    EXPECT_TRUE(has_work(ended));
    ASSERT_TRUE(eventually([&] { return to_clean() == 0; }, 10s));
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(CleanerTest, AFileThatMayNotBeDeletedDoesNotHoldTheJobForEver) {
    settings.provider.delete_files = true;
    const auto ended = add_ended("a");
    provider.fail(Call::delete_file, 1, failure(FailureKind::refused));
    start();
    EXPECT_FALSE(has_work(ended));
    EXPECT_EQ(to_clean(), 0U);
    EXPECT_EQ(provider.count_files(), 1U);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("file-1"), std::string::npos);
}

TEST_F(CleanerTest, AFileOnOurOwnDiskIsDeletedWhenItIsNoLongerInUse) {
    settings.provider.delete_files = true;
    provider.lies_here = true;
    const auto ended = add_ended("a");
    provider.fail(Call::delete_file, 1, failure(FailureKind::conflict));
    start();
    EXPECT_TRUE(has_work(ended));
    ASSERT_TRUE(eventually([&] { return to_clean() == 0; }, 10s));
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(CleanerTest, ForgetsOldJobsAndEventsAfterTheTimeThatIsSet) {
    settings.state.keep = 24h;
    const auto ended = add_ended("a");
    const auto running = add_planned("b", {"y"});
    journal->note(EventKind::started, "long ago");
    start();
    advance(23h);
    EXPECT_TRUE(store->jobs.find(ended.id).value());
    advance(3h);
    EXPECT_FALSE(store->jobs.find(ended.id).value());
    EXPECT_TRUE(store->jobs.find(running.job_id).value());
    EXPECT_EQ(events().size(), 1U) << "the newest stays";
}

TEST_F(CleanerTest, ForgetsThousandsOfThemToTheLast) {
    settings.state.keep = 1h;
    for (int i = 0; i < 5000; ++i) journal->note(EventKind::started, "long ago");
    advance(2h);
    start();
    EXPECT_EQ(events().size(), 1U) << "the newest stays";
}

TEST_F(CleanerTest, KeepsEverythingWhereNothingIsSet) {
    const auto ended = add_ended("a");
    start();
    advance(1000h);
    EXPECT_TRUE(store->jobs.find(ended.id).value());
    EXPECT_EQ(clock.sleepers(), 0U) << "and does not wake up for it";
}

}  // namespace
}  // namespace batchd::engine
