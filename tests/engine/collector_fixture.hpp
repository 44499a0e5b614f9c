#pragma once

#include <memory>
#include <string>

#include "engine/collect/collector.hpp"
#include "engine_fixture.hpp"

namespace batchd::engine {

/// A job of three requests, "x", "y" and "z", whose batch is at the provider.
struct CollectorTest : EngineFixture {
    store::Batch batch = add_planned("a", {"x", "y", "z"});

    CollectorTest() { put_in_flight(batch); }
    ~CollectorTest() override { crash(); }

    void start() {
        collector = std::make_unique<Collector>(
            Collector::Ports{settings, layout, *store, clock, pool, *journal, wakes, prices, account_name,
                             settings.provider, provider, own_wakes},
            holds, new_surveyor(), new_twins());
        tasks->spawn(collector->run());
        settle();
    }
    /// The batch ends so, and the poller has seen it.
    void end(const testing::FakeProvider::Finish& how) {
        provider.finish("batch_1", how);
        const auto& object = provider.batch("batch_1");
        std::string error;
        if (!object.errors.empty()) error = object.errors.front().message;
        ASSERT_TRUE(store->batches.record_end(batch.id,
                                              {.status = how.status,
                                               .completed = object.completed,
                                               .failed = object.failed,
                                               .output_file_id = object.output_file_id,
                                               .error_file_id = object.error_file_id,
                                               .error = error},
                                              clock.now()));
    }
    void refused(const provider::ValidationError& error) { end({.status = "failed", .refusals = {error}}); }
    bool collected() { return phase(batch) == store::BatchPhase::collected; }
    store::Job job() { return EngineFixture::job(batch.job_id); }
    /// The newest attempt of the shard.
    store::Batch next() { return batches_of(batch.job_id).back(); }
    std::string text(spool::ShardFile kind, std::uint64_t attempt = 1) {
        const Path path = layout.shard_file(job().key, {1, attempt}, kind);
        if (kind != spool::ShardFile::unreadable) return testing::texts_of(path);
        return file_exists(path).value() ? testing::slurp(path) : "";
    }

    std::unique_ptr<Collector> collector;
};

}  // namespace batchd::engine
