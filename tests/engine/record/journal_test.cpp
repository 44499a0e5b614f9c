#include "engine/record/journal.hpp"

#include "engine/engine_fixture.hpp"

namespace batchd::engine {
namespace {

struct JournalTest : EngineFixture {
    std::string first(const char* sql) {
        auto statement = store->database.statement(sql).value();
        EXPECT_TRUE(statement->step().value());
        std::string value = statement->text();
        statement->reset();
        return value;
    }
};

TEST_F(JournalTest, WritesWhatHappenedIntoEvents) {
    const auto job = add_claimed("a", "");
    store::Batch batch;
    batch.batch_id = "batch_1";
    journal->note(EventKind::batch_ended, job, batch, "completed");
    EXPECT_EQ(first("SELECT at || ' ' || job_id || ' ' || batch || ' ' || kind || ' ' || detail FROM events"),
              "2026-11-22T00:00:00Z " + std::to_string(job.id.value) + " batch_1 batch_ended completed");
}

TEST_F(JournalTest, AnEventAboutTheDaemonHasNoJob) {
    journal->note(EventKind::started, "hello");
    EXPECT_EQ(first("SELECT coalesce(job_id, 'none') FROM events"), "none");
}

TEST_F(JournalTest, KeepsSecretsAndControlCharactersOut) {
    log.add_secret("sk-secret");
    journal->note(EventKind::waiting, "the key sk-secret\nis wrong");
    EXPECT_EQ(detail_of_last(EventKind::waiting), "the key [redacted]\\x0ais wrong");
}

TEST_F(JournalTest, IsPartOfTheTransactionThatItIsWrittenIn) {
    const auto undone = store->database.transact([&]() -> Result<void> {
        journal->note(EventKind::job_planned, "never happened");
        return error(Errc::corrupt, "on purpose");
    });
    ASSERT_FALSE(undone);
    EXPECT_TRUE(events().empty());
}

TEST_F(JournalTest, TheLogHasItsLineWhenItIsCommittedAndNotWhenItIsUndone) {
    const auto note_in_transaction = [&](Result<void> outcome) {
        ::testing::internal::CaptureStderr();
        Log loud(LogLevel::info, Log::Format::journal);
        Journal journal_of_its_own(*store, loud, clock, wakes.observer);
        static_cast<void>(store->database.transact([&]() -> Result<void> {
            journal_of_its_own.note(EventKind::job_planned, "a line");
            EXPECT_EQ(journal_of_its_own.count(EventKind::job_planned), 0U) << "it may be undone yet";
            return outcome;
        }));
        return ::testing::internal::GetCapturedStderr();
    };
    EXPECT_EQ(note_in_transaction({}), "<6>job_planned: a line\n");
    EXPECT_EQ(note_in_transaction(error(Errc::corrupt, "on purpose")), "");
}

TEST_F(JournalTest, ATextOfAnotherIsCutInTheLogAndWholeInEvents) {
    const std::string page(1000, 'x');
    ::testing::internal::CaptureStderr();
    Log loud(LogLevel::info, Log::Format::journal);
    Journal journal_of_its_own(*store, loud, clock, wakes.observer);
    journal_of_its_own.note(EventKind::waiting, page);
    const std::string line = ::testing::internal::GetCapturedStderr();
    EXPECT_LT(line.size(), 330U);
    EXPECT_TRUE(line.ends_with("xxx...\n")) << line;
    EXPECT_EQ(detail_of_last(EventKind::waiting), page);
}

TEST_F(JournalTest, CountsWhatItNoted) {
    EXPECT_EQ(journal->count(EventKind::job_failed), 0U);
    journal->note(EventKind::job_failed, "1");
    journal->note(EventKind::job_failed, "2");
    EXPECT_EQ(journal->count(EventKind::job_failed), 2U);
}

/// A batch in flight that jobs of several queues share.
struct SharedNoticeTest : JournalTest {
    SharedNoticeTest() {
        store->database
            .execute(
                "INSERT INTO batches (id, shard, attempt, run, key, batch_id, phase, status, endpoint, model,"
                " requests, bytes, estimated_tokens, created_at, provider, bundle) VALUES (7, 1, 1, 1, 'k',"
                " 'batch_7', 'watching', 'in_progress', '', '', 9, 1, 1, '2026-11-22T00:00:00Z', 'gpu',"
                " 'together')")
            .value();
    }
    void share(const std::string& name, const std::string& queue) {
        const auto job = add_claimed(name, "");
        store->database.run("UPDATE jobs SET queue = ? WHERE id = ?", queue, job.id).value();
        store->parts.add({.batch = {7}, .job = job.id}).value();
    }
    store::Notice told(EventKind kind) {
        const auto batch = row(store::BatchRowId{7});
        journal->note(kind, job(store::JobId{1}), batch, "it should have ended");
        return store->notices.after(0, 10).value().back();
    }
};

TEST_F(SharedNoticeTest, ANoticeNamesTheBatchAndThoseWhoShareIt) {
    share("a", "late");
    share("b", "late");
    const auto notice = told(EventKind::batch_overdue);
    EXPECT_EQ(notice.text, "batch batch_7 of late/a, late/b: it should have ended");
    EXPECT_EQ(notice.job.queue, "late");
    EXPECT_EQ(notice.job.provider, "gpu");
    EXPECT_EQ(notice.job.id.value, 0);
    EXPECT_EQ(detail_of_last(EventKind::batch_overdue), "it should have ended");
}

TEST_F(SharedNoticeTest, OfManyItNamesTheFirstAndItIsForTheQueuesOfAll) {
    for (const char* const name : {"a", "b", "c", "d"}) share(name, "late");
    share("e", "default");
    const auto notice = told(EventKind::batch_held);
    EXPECT_EQ(notice.text, "batch batch_7 of late/a, late/b, late/c and 2 others: it should have ended");
    EXPECT_EQ(notice.job.queue, "default,late");
}

TEST_F(SharedNoticeTest, OneInDoubtHasNoIdYetAndWhoLeftItIsNotNamed) {
    store->database.execute("UPDATE batches SET batch_id = NULL").value();
    share("a", "late");
    share("b", "bud");
    store->database.execute("UPDATE parts SET left_at = '2026-11-22T00:00:00Z' WHERE job_id = 1").value();
    const auto notice = told(EventKind::batch_released);
    EXPECT_EQ(notice.text, "a batch of bud/b: it should have ended");
    EXPECT_EQ(notice.job.queue, "bud");
}

TEST_F(SharedNoticeTest, WhatNobodyIsToldLeavesTheNoticeBeforeAsItIs) {
    share("a", "late");
    const auto notice = told(EventKind::batch_overdue);
    EXPECT_EQ(told(EventKind::batch_status).text, notice.text);
}

TEST_F(JournalTest, WhatIsOnlyLoggedIsNotInEvents) {
    journal->log(EventKind::batch_uploaded, {}, "10 bytes");
    EXPECT_TRUE(events().empty());
}

}  // namespace
}  // namespace batchd::engine
