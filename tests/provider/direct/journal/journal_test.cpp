#include "provider/direct/journal/journal.hpp"

#include <fstream>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/task_group.hpp"
#include "support/run.hpp"
#include "support/temp_dir.hpp"

namespace batchd::provider::direct {
namespace {

namespace asio = boost::asio;
using testing::slurp;

struct JournalTest : ::testing::Test {
    asio::io_context context{1};
    asio::thread_pool pool{2};
    std::unique_ptr<Clock> clock = make_system_clock();
    testing::TempDir directory;
    JournalPaths paths{directory.path() / "run.journal", directory.path() / "run.results"};

    /// Does `work` with the journal, while it writes.
    template <class Work>
    void with_journal(Work work) {
        Journal journal(open_journal(paths).value(), context.get_executor(), pool, *clock);
        testing::run(context, worked(journal, std::move(work)));
    }
    template <class Work>
    asio::awaitable<void> worked(Journal& journal, Work work) {
        TaskGroup writing(context.get_executor());
        writing.spawn(journal.run());
        co_await work(journal);
        writing.cancel();
        co_await writing.join();
        const auto flushed = co_await journal.flush();
        EXPECT_TRUE(flushed) << to_string(flushed.error());
    }
    /// As it is found, without mending it.
    Replay found() {
        const UniqueFd journal = open_file(paths.journal, O_RDONLY).value();
        const UniqueFd results = open_file(paths.results, O_RDONLY).value();
        return replay_journal(journal.get(), results.get(), paths).value();
    }
    Replay replayed() { return open_journal(paths).value().replay; }

    /// Rows 1 to 3: answered, failed after two attempts, under way; row 4 came back and waits.
    void write_example() {
        with_journal([](Journal& journal) -> asio::awaitable<void> {
            co_await journal.intend(1, 1);
            co_await journal.settle(1, 1, RecordKind::answered, R"({"custom_id":"a"})");
            co_await journal.intend(2, 1);
            journal.ended(2, 1);
            co_await journal.intend(2, 2);
            co_await journal.settle(2, 2, RecordKind::failed, R"({"custom_id":"b"})");
            co_await journal.intend(4, 1);
            journal.ended(4, 1);
            co_await journal.intend(3, 1);
        });
    }
    std::string line(const Settled& settled) {
        return slurp(paths.results).substr(settled.offset, settled.size);
    }
};

TEST_F(JournalTest, BeginsEmpty) {
    const Replay replay = replayed();
    EXPECT_TRUE(replay.settled.empty());
    EXPECT_TRUE(replay.in_flight.empty());
    EXPECT_EQ(slurp(paths.journal), kJournalHead);
    EXPECT_EQ(slurp(paths.results), "");
}

TEST_F(JournalTest, TellsAfterwardsWhatHappened) {
    write_example();
    const Replay replay = replayed();
    ASSERT_EQ(replay.settled.size(), 2U);
    EXPECT_TRUE(replay.settled[0].is_answered);
    EXPECT_FALSE(replay.settled[1].is_answered);
    EXPECT_EQ(line(replay.settled[0]), R"({"custom_id":"a"})");
    EXPECT_EQ(line(replay.settled[1]), R"({"custom_id":"b"})");
    EXPECT_EQ(replay.in_flight, std::vector<std::uint64_t>{3});
    EXPECT_EQ(replay.attempts, (std::unordered_map<std::uint64_t, std::uint32_t>{{3, 1}, {4, 1}}));
    EXPECT_TRUE(replay.has_end(1));
    EXPECT_FALSE(replay.has_end(3));
    EXPECT_FALSE(replay.has_end(9));
    EXPECT_EQ(replay.damaged, 0U);
}

TEST_F(JournalTest, GoesOnWhereItStopped) {
    write_example();
    with_journal([](Journal& journal) -> asio::awaitable<void> {
        co_await journal.intend(3, 2);
        co_await journal.settle(3, 2, RecordKind::answered, "{\"custom_id\":\"c\"}");
    });
    const Replay replay = replayed();
    EXPECT_EQ(replay.settled.size(), 3U);
    EXPECT_TRUE(replay.in_flight.empty());
    EXPECT_EQ(slurp(paths.results), "{\"custom_id\":\"a\"}\n{\"custom_id\":\"b\"}\n{\"custom_id\":\"c\"}\n");
}

TEST_F(JournalTest, CutAtAnyByteItKeepsWhatIsWholeAndGoesOn) {
    write_example();
    const std::string journal = slurp(paths.journal);
    const std::string results = slurp(paths.results);
    const Replay whole = replayed();
    for (std::size_t size = kJournalHead.size(); size <= journal.size(); ++size) {
        std::ofstream(paths.journal, std::ios::binary) << journal.substr(0, size);
        std::ofstream(paths.results, std::ios::binary) << results;
        const Replay replay = replayed();
        EXPECT_LE(replay.settled.size(), whole.settled.size());
        EXPECT_EQ(slurp(paths.journal).size(), size - (size - kJournalHead.size()) % kRecordBytes);
        EXPECT_EQ(slurp(paths.results), results.substr(0, replay.results_bytes));
        EXPECT_EQ(found().settled.size(), replay.settled.size())
            << "the second start sees what the first saw";
    }
}

TEST_F(JournalTest, ResultsCutAtAnyByteLoseOnlyTheLineThatIsCut) {
    write_example();
    const std::string journal = slurp(paths.journal);
    const std::string results = slurp(paths.results);
    const std::size_t first_line = results.find('\n') + 1;
    for (std::size_t size = 0; size < results.size(); ++size) {
        std::ofstream(paths.journal, std::ios::binary) << journal;
        std::ofstream(paths.results, std::ios::binary) << results.substr(0, size);
        const Replay replay = replayed();
        EXPECT_EQ(replay.settled.size(), size < first_line ? 0U : 1U) << size;
        EXPECT_EQ(replay.in_flight.size() + replay.settled.size(), 3U)
            << "what lost its line counts as under way";
        EXPECT_EQ(slurp(paths.results), results.substr(0, replay.results_bytes));
    }
}

TEST_F(JournalTest, ADamagedByteTakesOnlyItsOwnRecordWithIt) {
    write_example();
    const std::string journal = slurp(paths.journal);
    const std::string results = slurp(paths.results);
    for (std::size_t at = kJournalHead.size(); at < journal.size(); ++at) {
        std::string damaged = journal;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        std::ofstream(paths.journal, std::ios::binary) << damaged;
        std::ofstream(paths.results, std::ios::binary) << results;
        const Replay replay = found();
        EXPECT_GE(replay.damaged, 1U) << at;
        EXPECT_GE(replay.settled.size(), 1U) << at;
    }
}

TEST_F(JournalTest, ALineThatIsNotAsItWasWrittenBecomesABlankOne) {
    write_example();
    std::string results = slurp(paths.results);
    results[3] = '#';
    std::ofstream(paths.results, std::ios::binary) << results;
    const Replay replay = replayed();
    EXPECT_EQ(replay.settled.size(), 1U);
    EXPECT_EQ(replay.in_flight, (std::vector<std::uint64_t>{1, 3}));
    EXPECT_EQ(slurp(paths.results), std::string(17, ' ') + "\n{\"custom_id\":\"b\"}\n");
}

TEST_F(JournalTest, RefusesWhatIsNoJournalOfThisVersion) {
    directory.write("run.journal", "batchdJ9");
    EXPECT_EQ(open_journal(paths).error().code, Errc::corrupt);
}

TEST_F(JournalTest, DoesNotThrowAwayResultsWhoseJournalIsGone) {
    directory.write("run.results", "{\"custom_id\":\"a\"}\n");
    const auto opened = open_journal(paths);
    EXPECT_EQ(opened.error().code, Errc::corrupt);
    EXPECT_NE(to_string(opened.error()).find("run.results"), std::string::npos);
    EXPECT_EQ(slurp(paths.results), "{\"custom_id\":\"a\"}\n");
}

TEST_F(JournalTest, WhatIsInMemoryWhenItStopsIsWrittenAtTheEnd) {
    {
        Journal journal(open_journal(paths).value(), context.get_executor(), pool, *clock);
        TaskGroup group(context.get_executor());
        group.spawn(journal.settle(1, 1, RecordKind::answered, "{}"));
        context.poll();  // it waits: nobody writes
        group.cancel();
        testing::run(context, group.join());
        EXPECT_TRUE(testing::run(context, journal.flush()));
    }
    const Replay replay = replayed();
    EXPECT_EQ(replay.settled.size(), 1U);
    EXPECT_EQ(slurp(paths.results), "{}\n");
}

TEST_F(JournalTest, ManyAtOnceShareTheSyncsAndAreAllThere) {
    with_journal([this](Journal& journal) -> asio::awaitable<void> {
        TaskGroup rows(context.get_executor());
        const auto one = [](Journal& into, std::uint64_t row) -> asio::awaitable<void> {
            co_await into.intend(row, 1);
            co_await into.settle(row, 1, RecordKind::answered, "{\"n\":" + std::to_string(row) + "}");
        };
        for (std::uint64_t row = 1; row <= 500; ++row) rows.spawn(one(journal, row));
        co_await rows.join();
    });
    const Replay replay = replayed();
    ASSERT_EQ(replay.settled.size(), 500U);
    for (std::uint64_t row = 1; row <= 500; ++row)
        EXPECT_EQ(line(replay.settled[row - 1]), "{\"n\":" + std::to_string(row) + "}");
    EXPECT_EQ(replay.damaged, 0U);
}

}  // namespace
}  // namespace batchd::provider::direct
