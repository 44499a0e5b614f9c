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

TEST_F(JournalTest, WhatIsOnlyLoggedIsNotInEvents) {
    journal->log(EventKind::batch_uploaded, {}, "10 bytes");
    EXPECT_TRUE(events().empty());
}

}  // namespace
}  // namespace batchd::engine
