#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/task_group.hpp"
#include "engine/account/account_stages.hpp"
#include "engine/intake/intake.hpp"
#include "engine/look/surveyor.hpp"
#include "engine/plan/planner.hpp"
#include "engine/resources.hpp"
#include "engine/room/model_holds.hpp"
#include "engine/twins/twins.hpp"
#include "support/fake_provider.hpp"
#include "support/manual_clock.hpp"
#include "support/rows.hpp"
#include "support/temp_dir.hpp"

namespace batchd::engine {

/// A stage's surroundings: a database and folders of its own, a provider in memory, and a clock that is moved
/// by hand. Nothing waits in real time: settle() runs whatever can run at this instant, on the I/O thread and
/// in the pool, and then time moves to the next sleeper.
struct EngineFixture : ::testing::Test {
    EngineFixture();
    ~EngineFixture() override;

    /// Runs until nothing is left to do at this instant. Fails the test when that never comes: a busy loop.
    void settle();
    /// Settles, and lets `by` pass, settling at each sleeper on the way.
    void advance(Millis by);
    /// Lets time pass until `condition` holds; false when it doesn't within `limit`.
    bool eventually(const std::function<bool()>& condition, Millis limit = std::chrono::hours(48));
    /// Ends all tasks, as a crash would: what is in the database and on disk stays.
    void crash();
    /// The disk has no room for such a change to the database, "UPDATE ON jobs", until refuse_no_more().
    void refuse(const std::string& change) {
        store->database
            .execute(("CREATE TRIGGER no_room BEFORE " + change + " BEGIN SELECT RAISE(ABORT, 'full'); END")
                         .c_str())
            .value();
    }
    void refuse_no_more() { store->database.execute("DROP TRIGGER no_room").value(); }

    /// A claimed job with `content` as its file in the work directory.
    store::Job add_claimed(const std::string& name, const std::string& content);
    /// A planned job with one batch: requests "a", "b", … each of a line, prepared as the planner does.
    store::Batch add_planned(const std::string& name, const std::vector<std::string>& ids);
    /// One more batch of the job, the `shard`-th, for requests on the lines behind those of the others.
    store::Batch add_shard(store::JobId job, std::uint64_t shard, const std::vector<std::string>& ids);
    /// Takes a planned batch to `watching`, as batch `batch_id` at the provider.
    void put_in_flight(const store::Batch& batch);

    /// The one account, as the pipeline takes it.
    std::vector<AccountAccess> accounts() {
        const auto unowned = [](auto*) {};
        return {{"default", std::shared_ptr<const config::Provider>(&settings.provider, unowned),
                 std::shared_ptr<provider::Provider>(&provider, unowned)}};
    }

    Resources resources() { return {settings, layout, *store, clock, pool, *journal, wakes, prices}; }
    Intake::Ports intake_ports() { return {settings, layout, *store, clock, pool, *journal, wakes, watches}; }
    Planner::Ports planner_ports() {
        return {settings, layout, *store, clock, pool, *journal, wakes, waiting};
    }
    Submitter::Ports submitter_ports() {
        return {settings,          layout,   *store,   clock, pool, *journal, wakes, account_name,
                settings.provider, provider, own_wakes};
    }

    /// One that has seen nothing yet, as after a start.
    Surveyor& new_surveyor() {
        surveyor_ = std::make_unique<Surveyor>(
            Surveyor::Ports{*store, clock, account_name, settings.provider, provider});
        return *surveyor_;
    }
    Twins& new_twins() {
        twins_ = std::make_unique<Twins>(*store, clock, *journal, provider);
        return *twins_;
    }

    store::Job job(store::JobId id) { return store->jobs.find(id).value().value(); }
    store::Batch row(store::BatchRowId id) { return store->batches.find(id).value().value(); }
    store::Batch row(const store::Batch& batch) { return row(batch.id); }
    store::BatchPhase phase(const store::Batch& batch) { return row(batch).phase; }
    std::vector<store::Batch> batches_of(store::JobId id) { return store->batches.of_job(id).value(); }
    /// Kinds of the events so far, in their order, and their details.
    std::vector<std::string> events();
    std::size_t count_events(EventKind kind);
    std::string detail_of_last(EventKind kind);
    Path outbox() const { return settings.spool.outbox; }
    Path rejected() const { return settings.spool.rejected; }
    Path inbox() const { return settings.spool.inbox; }

    testing::TempDir dir;
    boost::asio::io_context context{1};
    testing::ManualClock clock{context, std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};
    boost::asio::thread_pool pool{1};
    config::Settings settings;
    spool::Layout layout{dir.path() / "state"};
    std::unique_ptr<store::Store> store;
    Log log{LogLevel::error, Log::Format::terminal};
    std::unique_ptr<Journal> journal;
    Wakes wakes{context.get_executor()};
    spool::InboxWatches watches{context.get_executor()};
    Wake due{context.get_executor()};  // of intakes
    money::Prices prices;
    WaitingTally waiting;
    AccountWakes& own_wakes = wakes.of("default");
    testing::FakeProvider provider{clock};
    const std::string account_name = "default";
    ModelHolds holds{Backoff{}};
    std::unique_ptr<TaskGroup> tasks;

private:
    void pass_through_pool(int times, std::function<void()> then);

    std::unique_ptr<Surveyor> surveyor_;
    std::unique_ptr<Twins> twins_;
    std::uint64_t lines_added_ = 0;
};

/// A request line with this id.
std::string request_line(const std::string& custom_id, const std::string& model = "m");

}  // namespace batchd::engine
