#include <set>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "store/query/counts.hpp"
#include "store/query/overview.hpp"
#include "store/store.hpp"
#include "support/temp_dir.hpp"

namespace batchd::store {
namespace {

using testing::TempDir;

/// Calls whatever the daemon calls, so that its statements are prepared. What comes of it does not matter.
void use_all(Store& store) {
    const TimePoint now{};
    Job job;
    job.key = "k";
    job.name = "n";
    const JobId id = store.jobs.add(job).value();
    static_cast<void>(store.jobs.find(id));
    static_cast<void>(store.jobs.in_state(JobState::claimed, 1));
    static_cast<void>(store.jobs.keys_in_state(JobState::claimed));
    static_cast<void>(store.jobs.of_size(JobState::claimed, 0, 1, 1));
    static_cast<void>(store.jobs.of_size(JobState::delivering, 1, 2, 1));
    static_cast<void>(store.jobs.change_state(id, JobState::planned));
    static_cast<void>(store.jobs.record_plan(id, 1, 0, 1, ""));
    static_cast<void>(store.jobs.record_reason(id, "r"));
    static_cast<void>(store.jobs.add_progress(id, {}));
    static_cast<void>(store.jobs.to_clean("default", 1));
    static_cast<void>(store.jobs.record_cleaned(id, now));
    static_cast<void>(store.jobs.count());
    Batch batch;
    batch.job_id = id;
    batch.key = "b";
    static_cast<void>(store.batches.add(batch));
    const BatchRowId row = store.batches.of_job(id).value().at(0).id;
    static_cast<void>(store.batches.find_by_key("b"));
    static_cast<void>(store.batches.to_submit("default", 1));
    static_cast<void>(store.batches.to_collect("default", 1));
    static_cast<void>(store.batches.watched("default"));
    static_cast<void>(store.batches.count_watched());
    static_cast<void>(store.batches.knows("x"));
    static_cast<void>(store.batches.enqueued_tokens("default", "m"));
    static_cast<void>(store.batches.count_open(id));
    static_cast<void>(store.batches.count_overdue());
    static_cast<void>(store.batches.to_cancel("default", 1));
    static_cast<void>(store.batches.late("default", now, 1));
    static_cast<void>(store.batches.late_unsent("default", now));
    static_cast<void>(store.batches.of_cancelled_jobs("default"));
    static_cast<void>(store.batches.next_deadline("default", now));
    static_cast<void>(store.batches.last_shard(batch));
    static_cast<void>(store.parts.of_batch(row));
    static_cast<void>(store.parts.crowd(row));
    static_cast<void>(store.parts.any_cancelled(row));
    static_cast<void>(store.parts.of_bundles(id));
    static_cast<void>(store.parts.words("default"));
    static_cast<void>(store.parts.waiting("default", "w", 1));
    static_cast<void>(store.parts.move(row, BatchRowId{99}, 1, 2));
    static_cast<void>(store.parts.take_over(row, BatchRowId{99}, 1, 2));
    static_cast<void>(store.parts.is_of_one_queue(row));
    static_cast<void>(store.parts.has_left({.batch = row, .job = id}));
    static_cast<void>(store.batches.words_of_all(batch));
    static_cast<void>(store.parts.goes_alone(row));
    static_cast<void>(store.parts.all_go_alone(id));
    static_cast<void>(store.parts.start_jobs(row));
    static_cast<void>(store.parts.leave(id, now));
    static_cast<void>(store.parts.leave(row, id, now));
    static_cast<void>(store.parts.of_cancelled_jobs("default"));
    static_cast<void>(store.parts.record({.batch = row, .job = id}, {}));
    static_cast<void>(store.parts.add_to_jobs(row));
    static_cast<void>(store.parts.deliver_complete_jobs(row));
    static_cast<void>(store.bundles.knows("b"));
    static_cast<void>(store.bundles.to_clean("default"));
    static_cast<void>(store.bundles.batches_of("b"));
    static_cast<void>(store.bundles.record_cleaned("b", now));
    static_cast<void>(store.repeats.record(row, now));
    static_cast<void>(store.repeats.watched_since("default", now));
    static_cast<void>(store.repeats.find_by_input_file("f", now));
    static_cast<void>(store.unused_files.add("default", "f", id, "why", now));
    static_cast<void>(store.unused_files.to_delete("default", 1));
    static_cast<void>(store.unused_files.find(1));
    static_cast<void>(store.unused_files.forget(1));
    static_cast<void>(store.unused_files.count());
    static_cast<void>(store.batches.begin(row, BatchPhase::uploading, now));
    static_cast<void>(store.batches.step_back(row, BatchPhase::planned));
    static_cast<void>(store.batches.begin(row, BatchPhase::uploading, now));
    static_cast<void>(store.batches.record_upload(row, "f"));
    static_cast<void>(store.batches.begin(row, BatchPhase::creating, now));
    static_cast<void>(store.batches.record_submission(row, "x", "validating", {}, now));
    static_cast<void>(store.batches.record_sighting(row, {}, now));
    static_cast<void>(store.batches.record_end(row, {}, now));
    static_cast<void>(store.batches.record_collection(row, {}, now));
    static_cast<void>(store.events.add(now, id, "x", "kind", ""));
    static_cast<void>(store.jobs.change_state(id, JobState::delivering));
    static_cast<void>(store.jobs.finish(id, JobState::done, "/out", now));
    const std::int64_t command = store.commands.add(Verb::retry, id, now).value();
    static_cast<void>(store.commands.find(command));
    static_cast<void>(store.commands.open(1));
    static_cast<void>(store.commands.record_job_key(command, "k2"));
    static_cast<void>(store.commands.record_outcome(command, {}, now));
    static_cast<void>(store.budgets.record_asks(id, "[]"));
    static_cast<void>(store.budgets.record_estimate(id, 1));
    static_cast<void>(store.budgets.record_wait(id, MoneyWait::money, now));
    static_cast<void>(store.budgets.record_all_wait("q", id, now));
    static_cast<void>(store.budgets.queues());
    static_cast<void>(store.budgets.due("q", id, 1));
    static_cast<void>(store.budgets.let_through("q", now, now));
    static_cast<void>(store.budgets.unestimated("q", now, now));
    // All but by_queue() and taken_up_to(), which read whatever waits: they are asked once, at the start and
    // when the time has come.
    static_cast<void>(store.waiting_jobs.record_waiting(id, now));
    static_cast<void>(store.waiting_jobs.of_queue("q"));
    static_cast<void>(store.waiting_jobs.record_not_before("q", now));
    static_cast<void>(store.waiting_jobs.is_being_read("q", now, 1));
    static_cast<void>(store.waiting_jobs.record_release_asked({.queue = "q"}));
    static_cast<void>(store.waiting_jobs.release_asked(id));
    static_cast<void>(store.waiting_jobs.due("q"));
    static_cast<void>(store.waiting_jobs.cancelled());
    static_cast<void>(store.waiting_jobs.record_due(id));
    static_cast<void>(store.waiting_jobs.record_released(id, now));
    static_cast<void>(store.jobs.remove_old({now, now}, 1));
    static_cast<void>(store.jobs.forget(id));
}

std::set<std::string> prepared(Database& database) {
    std::set<std::string> statements;
    sqlite3_stmt* each = nullptr;
    while ((each = sqlite3_next_stmt(&database.handle(), each)) != nullptr)
        statements.insert(sqlite3_sql(each));
    return statements;
}

/// The steps of SQLite's plan that read more than the rows that are asked for: a whole table, a whole index
/// other than one of the rows that are in work, or a sort of all that is found.
std::string costly_steps(Database& database, const std::string& sql) {
    auto plan = Statement::prepare(database.handle(), "EXPLAIN QUERY PLAN " + sql).value();
    std::string costly;
    bool of_large_files = false;  // there are few of these, so that they may be sorted
    while (plan.step().value()) {
        plan.integer(), plan.integer(), plan.integer();
        const std::string step = plan.text();
        const bool of_those_in_work = step.find("INDEX jobs_open") != std::string::npos ||
                                      step.find("INDEX jobs_to_clean") != std::string::npos ||
                                      step.find("INDEX jobs_due") != std::string::npos ||
                                      step.find("INDEX jobs_cancelling") != std::string::npos ||
                                      step.find("INDEX commands_open") != std::string::npos ||
                                      step.starts_with("SCAN unused_files") ||  // all of it is in work
                                      step == "SCAN s" ||                       // the sums of one batch
                                      step.find("INDEX batches_active") != std::string::npos ||
                                      step.find("INDEX batches_to_submit") != std::string::npos;
        of_large_files = of_large_files || step.find("INDEX jobs_by_size") != std::string::npos;
        const bool reads_all = step.starts_with("SCAN ") && step != "SCAN CONSTANT ROW" && !of_those_in_work;
        const bool sorts = step.find("TEMP B-TREE") != std::string::npos && !of_large_files;
        if (reads_all || sorts) costly += step + "\n";
    }
    return costly;
}

TEST(QueryPlanTest, NoStatementReadsMoreThanTheRowsThatAreInWork) {
    const TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    use_all(*store);
    const auto statements = prepared(store->database);
    ASSERT_GT(statements.size(), 30U);
    for (const std::string& sql : statements) EXPECT_EQ(costly_steps(store->database, sql), "") << sql;
}

/// What SQLite does for each statement on `batches` that says `about`.
std::string plans_of(Database& database, const std::string& about) {
    std::string all;
    for (const std::string& sql : prepared(database)) {
        if (!sql.starts_with("SELECT") || sql.find(about) == std::string::npos) continue;
        auto plan = Statement::prepare(database.handle(), "EXPLAIN QUERY PLAN " + sql).value();
        while (plan.step().value()) {
            plan.integer(), plan.integer(), plan.integer();
            all += plan.text() + "\n";
        }
    }
    return all;
}

TEST(QueryPlanTest, WhatThePageAsksForHasIndexesOfItsOwnAndNobodyElseTakesThem) {
    const TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    use_all(*store);
    const std::string others = plans_of(store->database, "phase = 'watching' AND phase <> 'collected'");
    for (const char* const index : {"batches_overdue", "batches_submitted", "batches_enqueued"})
        EXPECT_EQ(others.find(index), std::string::npos) << others;
    static_cast<void>(overdue_batches(store->database, 1));
    static_cast<void>(tokens_at_provider(store->database, "default"));
    static_cast<void>(Counting().look(store->database));
    const std::string overdue = plans_of(store->database, "overdue_at IS NOT NULL");
    // Later versions of SQLite see that these cover what is asked for, and say so.
    EXPECT_NE(overdue.find(" INDEX batches_overdue"), std::string::npos) << overdue;
    EXPECT_NE(overdue.find(" INDEX batches_submitted"), std::string::npos) << overdue;
    EXPECT_EQ(overdue.find("SCAN batches"), std::string::npos) << overdue;
    const std::string enqueued = plans_of(store->database, "model <> ''");
    EXPECT_NE(enqueued.find("COVERING INDEX batches_enqueued"), std::string::npos) << enqueued;
}

TEST(QueryPlanTest, AStatementWithoutAnIndexWouldBeFound) {
    const TempDir dir;
    const auto store = open_store(dir.path() / "batchd.db", OpenMode::read_write).value();
    EXPECT_EQ(costly_steps(store->database, "SELECT id FROM batches WHERE model = ?"), "SCAN batches\n");
}

}  // namespace
}  // namespace batchd::store
