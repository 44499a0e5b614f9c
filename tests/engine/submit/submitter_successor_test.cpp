// Attempts that never had a batch, and whose requests have gone on all the same before the database was lost.

#include <algorithm>

#include "engine/attempt_key.hpp"
#include "engine/bundle/bundle_file.hpp"
#include "engine/bundle/known_bundles.hpp"
#include "engine/collect/collector.hpp"
#include "engine/engine_fixture.hpp"
#include "engine/submit/submitter.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {
namespace {

using namespace std::chrono_literals;
using spool::ShardFile;
using store::BatchPhase;
using testing::Call;

/// A submitter and a collector that find in work/ what the database does not know.
struct SubmitterSuccessorTest : EngineFixture {
    ~SubmitterSuccessorTest() override { crash(); }

    void start() {
        surveyor = &new_surveyor();
        submitter =
            std::make_unique<Submitter>(submitter_ports(), holds, *surveyor, LostAttempts::all_of(*store));
        tasks->spawn(submitter->run());
        settle();
    }
    void start_both() {
        start();
        collector = std::make_unique<Collector>(
            Collector::Ports{settings, layout, *store, clock, pool, *journal, wakes, prices, account_name,
                             settings.provider, provider, own_wakes},
            holds, *surveyor, new_twins());
        tasks->spawn(collector->run());
        settle();
    }
    /// The lines of the second attempt: of those of the first, the ones from `first` to `last`.
    void make_next(const std::string& key, std::uint64_t first, std::uint64_t last) {
        const Path path = layout.shard_file(key, {1, 2}, ShardFile::prepared);
        auto from = jsonl::RowFileReader::open(layout.shard_file(key, {1, 1}, ShardFile::prepared)).value();
        auto writer = jsonl::RowFileWriter::create(path).value();
        jsonl::Row row;
        while (from.next(row).value())
            if (row.line_number >= first && row.line_number <= last)
                writer.append(row.line_number, row.id, row.text).value();
        writer.commit().value();
    }
    bool has_ended(const store::Batch& batch) { return phase(batch) == BatchPhase::ended; }

    Surveyor* surveyor = nullptr;
    std::unique_ptr<Submitter> submitter;
    std::unique_ptr<Collector> collector;
};

TEST_F(SubmitterSuccessorTest, WhatWentToTheFallbackEndsAsItDidThen) {
    const auto batch = add_planned("a", {"x", "y"});
    replace_file(layout.shard_file(job(batch.job_id).key, {1, 2}, ShardFile::provider), "gpu\n").value();
    start();
    ASSERT_TRUE(eventually([&] { return has_ended(batch); }, 1min));
    EXPECT_EQ(row(batch).outcome, store::Outcome::no_batch);
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(count_events(EventKind::doubt_settled), 1U);
}

TEST_F(SubmitterSuccessorTest, AnUploadOfBeforeIsNotUsedEither) {
    const auto batch = add_planned("a", {"x", "y"});
    ASSERT_TRUE(store->batches.begin(batch.id, BatchPhase::uploading, clock.now()));
    ASSERT_TRUE(store->batches.record_upload(batch.id, provider.add_file("x", "")));
    replace_file(layout.shard_file(job(batch.job_id).key, {1, 2}, ShardFile::provider), "gpu\n").value();
    start();
    ASSERT_TRUE(eventually([&] { return has_ended(batch); }, 1min));
    EXPECT_EQ(provider.count(Call::create), 0U);
}

TEST_F(SubmitterSuccessorTest, AnAttemptThatIsAtTheProviderIsTakenAllTheSame) {
    const auto batch = add_planned("a", {"x", "y"});
    make_next(job(batch.job_id).key, 1, 1);
    provider.add_batch(batch.key, provider.add_file("x", ""));
    start();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
    EXPECT_EQ(row(batch).batch_id, "batch_1");
}

TEST_F(SubmitterSuccessorTest, WhatComesSinceTheStartIsSentWithoutALook) {
    start();
    const auto batch = add_planned("a", {"x"});
    own_wakes.submitter.raise();
    ASSERT_TRUE(eventually([&] { return phase(batch) == BatchPhase::watching; }, 1min));
}

/// "x" was cancelled, its batch taken back, and "y" sent without it; then the database was lost, and with it
/// the cancel.
struct LostCancelTest : SubmitterSuccessorTest {
    const std::string bundle = "7d0969ef-0dbf-46f4-9435-2d81a85dfff9";
    store::Batch x = add_planned("x", {"a", "b"});
    store::Batch y = add_planned("y", {"a", "b"});

    LostCancelTest() {
        for (const store::Batch& own : {x, y})
            store->database
                .run("UPDATE batches SET key = ? WHERE id = ?", attempt_key(key_of(own), {1, 1}), own.id)
                .value();
        const BundleFile file{.provider = "default",
                              .endpoint = x.endpoint,
                              .model = x.model,
                              .estimated_tokens = 80,
                              .members = {{key_of(x), 1, 2}, {key_of(y), 1, 2}}};
        write_bundle(layout, bundle, file).value();
        EXPECT_TRUE(add_bundle(layout, *store, bundle, clock.now()).value());
        make_next(bundle, 3, 4);
    }
    std::string key_of(const store::Batch& batch) { return job(batch.job_id).key; }
    store::Batch attempt(std::uint64_t number) {
        return store->batches.find_by_key(attempt_key(bundle, {1, number})).value().value();
    }
    bool has_second() { return store->batches.find_by_key(attempt_key(bundle, {1, 2})).value().has_value(); }
};

TEST_F(LostCancelTest, WhatWasSentWithoutTheCancelledOneIsFoundAndNotSentWithIt) {
    provider.add_batch(attempt_key(bundle, {1, 2}), provider.add_file("x", ""));
    start_both();
    ASSERT_TRUE(eventually([&] { return has_second() && attempt(2).phase == BatchPhase::watching; }, 1min));
    EXPECT_EQ(attempt(2).batch_id, "batch_1");
    EXPECT_EQ(attempt(2).requests, 2U);
    EXPECT_EQ(attempt(1).outcome, store::Outcome::withdrawn);
    EXPECT_EQ(provider.count(Call::upload), 0U);
    EXPECT_EQ(job(x.job_id).failed, 2U);
    EXPECT_EQ(job(x.job_id).state, store::JobState::delivering);
    const std::string failed = testing::texts_of(layout.shard_file(bundle, {1, 1}, ShardFile::failed));
    EXPECT_NE(failed.find("batch_cancelled"), std::string::npos) << failed;
    EXPECT_EQ(job(y.job_id).failed, 0U);
}

TEST_F(LostCancelTest, WhereItWasNotSentItIsSentOnceAndWithoutTheCancelledOne) {
    start_both();
    ASSERT_TRUE(eventually([&] { return has_second() && attempt(2).phase == BatchPhase::watching; }, 1min));
    EXPECT_EQ(provider.count(Call::create), 1U);
    EXPECT_EQ(attempt(2).requests, 2U);
}

}  // namespace
}  // namespace batchd::engine
