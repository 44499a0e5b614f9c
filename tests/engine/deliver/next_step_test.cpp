#include <boost/json/parse.hpp>

#include "engine/deliver/deliverer.hpp"
#include "engine/engine_fixture.hpp"
#include "engine/recover/recovery.hpp"
#include "engine/terms/terms.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {
namespace {

using store::JobState;

constexpr const char* kOfTheAnswer = R"({"model":"m","messages":[{"role":"user","content":"{{answer}}"}]})";
constexpr const char* kOfTheRequest =
    R"({"model":"m","messages":[{"role":"user","content":"{{input.body.model}}"}]})";

/// A job of a queue whose answers go on to the queue `second`.
struct NextStepTest : EngineFixture {
    NextStepTest() { settings.queues["second"]; }
    ~NextStepTest() override { crash(); }

    void start() {
        deliverer = std::make_unique<Deliverer>(
            Deliverer::Ports{settings, layout, *store, clock, pool, *journal, wakes});
        tasks->spawn(deliverer->run());
        settle();
    }
    void add(const std::string& line_template) {
        const auto batch = add_planned("a", {"x"});
        put_in_flight(batch);
        first = job(batch.job_id);
        auto writer =
            jsonl::RowFileWriter::create(layout.shard_file(first.key, {1, 1}, spool::ShardFile::succeeded))
                .value();
        writer.append(1, digest128("x"), kAnswer).value();
        writer.commit().value();
        store->batches.record_end(batch.id, {.status = "completed"}, clock.now()).value();
        store->batches.record_collection(batch.id, {.succeeded = 1}, clock.now()).value();
        store->jobs.add_progress(first.id, {.succeeded = 1}).value();
        store->jobs.change_state(first.id, JobState::delivering).value();
        Terms terms;
        terms.then = "second";
        terms.then_template = line_template;
        put_terms(to_json(terms));
    }
    void put_terms(const std::string& terms) {
        store->database.run("UPDATE jobs SET terms = ? WHERE id = ?", terms, first.id).value();
    }
    /// As far as the folder in the outbox; what is behind it can't be put on record.
    void start_and_crash_before_the_commit() {
        refuse("UPDATE ON jobs");
        start();
        EXPECT_EQ(job(first.id).state, JobState::delivering);
        EXPECT_TRUE(file_exists(outbox() / "a").value());
        crash();
        refuse_no_more();
    }
    bool is_at_work() { return file_exists(layout.work_directory(next_key(first.key))).value(); }
    std::string what_is_asked() { return testing::slurp(layout.input(next_key(first.key))); }
    void expect_that_nothing_goes_on(const std::string& why) {
        EXPECT_EQ(job(first.id).state, JobState::done);
        EXPECT_EQ(testing::slurp(outbox() / "a/output.jsonl"), std::string(kAnswer) + "\n");
        EXPECT_EQ(store->jobs.newest().value(), first.id);
        EXPECT_FALSE(is_at_work());
        EXPECT_EQ(count_events(EventKind::answers_left_out), 1U);
        EXPECT_NE(detail_of_last(EventKind::answers_left_out).find(why), std::string::npos)
            << detail_of_last(EventKind::answers_left_out);
    }

    static constexpr const char* kAnswer =
        R"({"custom_id":"x","response":{"status_code":200,"body":{"choices":[{"message":{"content":"fine"}}]}}})";
    store::Job first;
    std::unique_ptr<Deliverer> deliverer;
};

TEST_F(NextStepTest, OfAFileThatWasCutShortTheAnswersGoOn) {
    add(kOfTheAnswer);
    replace_file(layout.input(first.key), "").value();
    start();
    EXPECT_EQ(job(first.id).state, JobState::done);
    EXPECT_TRUE(job(first.id).input_changed);
    EXPECT_EQ(job(store::JobId{first.id.value + 1}).chained_from, first.id);
    EXPECT_NE(what_is_asked().find("fine"), std::string::npos) << what_is_asked();
}

TEST_F(NextStepTest, WhatWasWrittenIntoAFileSinceIsNotSent) {
    add(kOfTheRequest);
    std::string altered = testing::slurp(layout.input(first.key));
    altered.replace(altered.find(R"("model":"m")"), 11, R"("model":"n")");
    replace_file(layout.input(first.key), altered).value();
    start();
    expect_that_nothing_goes_on("{{input.body.model}} is not there, for its file was altered");
}

TEST_F(NextStepTest, WithoutTheQueueOfTodayTheFolderIsNotWaitedForWithIt) {
    add(kOfTheAnswer);
    settings.queues.erase("second");
    start_and_crash_before_the_commit();
    settings.queues["second"];
    start();
    expect_that_nothing_goes_on("its file was not in work/ any more");
}

TEST_F(NextStepTest, WhatWasMadeForAQueueThatIsGoneIsRemoved) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    EXPECT_TRUE(is_at_work());
    settings.queues.erase("second");
    start();
    expect_that_nothing_goes_on("there is no queue second any more");
    EXPECT_TRUE(unknown_work(layout, *store).value().empty());
}

TEST_F(NextStepTest, WhatWasRemovedIsNotWaitedForWhereTheQueueComesBack) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    settings.queues.erase("second");
    start_and_crash_before_the_commit();
    settings.queues["second"];
    start();
    expect_that_nothing_goes_on("its file was not in work/ any more");
}

TEST_F(NextStepTest, WithTermsThatCanNotBeReadNothingIsLeftBehind) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    put_terms("{");
    start();
    expect_that_nothing_goes_on("1 answer has no next step");
}

TEST_F(NextStepTest, WhereNoAnswerGoesOnNothingIsLeftBehind) {
    add(R"({"model":"m","messages":[{"role":"user","content":"{{input.body.topic}}"}]})");
    start();
    expect_that_nothing_goes_on("{{input.body.topic}} is not there");
}

TEST_F(NextStepTest, RequestsThatAreGoneAreNotWaitedFor) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    std::filesystem::remove_all(layout.work_directory(next_key(first.key)));
    start();
    expect_that_nothing_goes_on("the requests that were made of them are not in work/ any more");
}

TEST_F(NextStepTest, ACancelLeavesAloneWhatWasOnItsWayBeforeAnOldCopyWasPutBack) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    replace_file(layout.plan(next_key(first.key)), "{}").value();
    store->jobs.record_cancel_asked(first.id, clock.now()).value();
    start();
    EXPECT_EQ(job(first.id).state, JobState::done);
    EXPECT_TRUE(is_at_work());
    EXPECT_EQ(unknown_work(layout, *store).value().size(), 1U);
}

TEST_F(NextStepTest, ACancelRemovesWhatWasOnlyWritten) {
    add(kOfTheAnswer);
    start_and_crash_before_the_commit();
    store->jobs.record_cancel_asked(first.id, clock.now()).value();
    start();
    EXPECT_EQ(job(first.id).state, JobState::done);
    EXPECT_FALSE(is_at_work());
    EXPECT_EQ(count_events(EventKind::answers_left_out), 0U);
}

}  // namespace
}  // namespace batchd::engine
