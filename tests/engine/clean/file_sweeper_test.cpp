#include "engine/clean/file_sweeper.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using provider::FailureKind;
using store::BatchPhase;
using testing::Call;
using testing::failure;

struct FileSweeperTest : EngineFixture {
    ~FileSweeperTest() override { crash(); }

    void start() {
        sweeper = std::make_unique<FileSweeper>(FileSweeper::Ports{settings.retry, *store, clock, *journal,
                                                                   wakes, account_name, provider, own_wakes});
        tasks->spawn(sweeper->run());
        settle();
    }
    std::string add_unused() {
        const std::string id = provider.add_file("batchd-x.jsonl", "{}");
        EXPECT_TRUE(store->unused_files.add("default", id, batch.job_id, "it was replaced", clock.now()));
        return id;
    }
    std::uint64_t left() { return store->unused_files.count().value(); }
    /// Runs note_second_uploads for the job of `batch`.
    Progress note_second() {
        Progress progress;
        auto note = [&]() -> boost::asio::awaitable<void> {
            store::Job of = job(batch.job_id);
            auto batches = store->batches.of_job(of.id).value();
            progress = co_await note_second_uploads(*store, clock, provider, account_name, own_wakes.sweeper,
                                                    std::move(of), std::move(batches));
        };
        tasks->spawn(note());
        settle();
        return progress;
    }

    store::Batch batch = add_planned("a", {"x"});
    std::unique_ptr<FileSweeper> sweeper;
};

TEST_F(FileSweeperTest, DeletesWhatIsOnRecordAsUnusedAtTheStartAndLater) {
    add_unused();
    const auto finisher = wakes.finisher.times_raised();
    start();
    EXPECT_EQ(provider.count_files(), 0U);
    EXPECT_EQ(left(), 0U);
    EXPECT_GT(wakes.finisher.times_raised(), finisher);
    add_unused();
    own_wakes.sweeper.raise();
    settle();
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(FileSweeperTest, AFileOnOurOwnDiskIsDeletedWhenItIsNoLongerInUse) {
    provider.lies_here = true;
    provider.fail(Call::delete_file, 1, failure(FailureKind::conflict));
    add_unused();
    start();
    EXPECT_EQ(left(), 1U);
    ASSERT_TRUE(eventually([&] { return left() == 0; }, 10s));
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(FileSweeperTest, AFileThatIsGoneAlreadyIsFine) {
    provider.forget_file(add_unused());
    start();
    EXPECT_EQ(left(), 0U);
    EXPECT_TRUE(events().empty());
}

TEST_F(FileSweeperTest, TriesAgainWhileTheProviderIsAway) {
    add_unused();
    provider.fail(Call::delete_file, 1, failure(FailureKind::unreachable));
    start();
    EXPECT_EQ(left(), 1U);
    ASSERT_TRUE(eventually([&] { return left() == 0; }, 10s));
    EXPECT_EQ(provider.count_files(), 0U);
}

TEST_F(FileSweeperTest, AFileThatMayNotBeDeletedIsSaidAndGivenUp) {
    add_unused();
    provider.fail(Call::delete_file, 1, failure(FailureKind::refused));
    start();
    EXPECT_EQ(left(), 0U);
    EXPECT_NE(detail_of_last(EventKind::waiting).find("file-1"), std::string::npos);
}

TEST_F(FileSweeperTest, NeverDeletesTheFileOfABatchThatRuns) {
    put_in_flight(batch);
    ASSERT_TRUE(
        store->unused_files.add("default", row(batch).input_file_id, batch.job_id, "a mistake", clock.now()));
    start();
    advance(24h);
    EXPECT_EQ(provider.count(Call::delete_file), 0U);
    EXPECT_EQ(provider.count_files(), 1U);
}

TEST_F(FileSweeperTest, FindsASecondUploadWhereOneWasMadeAgain) {
    ASSERT_TRUE(store->batches.begin(batch.id, BatchPhase::uploading, clock.now()));
    ASSERT_TRUE(store->repeats.record(batch.id, std::nullopt));
    const std::string lost = provider.add_file("batchd-" + batch.key + ".jsonl", "{}");
    const std::string ours = provider.add_file("batchd-" + batch.key + ".jsonl", "{}");
    provider.add_file("somebody's.jsonl", "{}");
    ASSERT_TRUE(store->batches.record_upload(batch.id, ours));
    EXPECT_FALSE(note_second());
    start();
    EXPECT_EQ(provider.count_files(), 2U);
    EXPECT_EQ(provider.calls.back(), (testing::MadeCall{Call::delete_file, lost}));
}

TEST_F(FileSweeperTest, ListsNothingWhereNothingWasMadeAgain) {
    put_in_flight(batch);
    EXPECT_FALSE(note_second());
    EXPECT_EQ(provider.count(Call::list_files), 0U);
}

TEST_F(FileSweeperTest, WaitsWhileTheListingCannotBeRead) {
    ASSERT_TRUE(store->batches.begin(batch.id, BatchPhase::uploading, clock.now()));
    ASSERT_TRUE(store->repeats.record(batch.id, std::nullopt));
    provider.fail(Call::list_files, 1, failure(FailureKind::unavailable));
    EXPECT_TRUE(note_second());
}

}  // namespace
}  // namespace batchd::engine
