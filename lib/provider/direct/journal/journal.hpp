#pragma once

#include <deque>

#include "provider/direct/journal/group_file.hpp"
#include "provider/direct/journal/journal_file.hpp"
#include "provider/direct/journal/journal_format.hpp"

namespace batchd::provider::direct {

/// What a run does, on disk before it counts: that a row is about to be sent, and what came of it. I/O thread
/// only; must outlive its calls.
class Journal {
public:
    Journal(OpenedJournal opened, boost::asio::any_io_executor executor, boost::asio::thread_pool& pool,
            Clock& clock);

    /// What there was when it was opened.
    const Replay& replay() const { return opened_.replay; }

    /// Returns when it is durable that `row` is about to be sent: from then on it may be.
    boost::asio::awaitable<void> intend(std::uint64_t row, std::uint32_t attempt);
    /// It came back without an end, and will be sent again. Durable with whatever comes next: where this is
    /// lost, the row counts as one that was under way.
    void ended(std::uint64_t row, std::uint32_t attempt);
    /// Returns when the row's line, which holds no LF, is durable and on record. First the line, then the
    /// record: what is on record is there.
    boost::asio::awaitable<void> settle(std::uint64_t row, std::uint32_t attempt, RecordKind kind,
                                        std::string line);

    /// Waits until all that was written so far is durable, also what nobody waits for any more.
    boost::asio::awaitable<void> saved();
    /// Lines that are not durable yet, or not on record.
    std::uint64_t unsaved() const;

    /// Does the writing, until it is cancelled.
    boost::asio::awaitable<void> run();
    /// What is still in memory, durable: once, after run(). Errors: errno.
    boost::asio::awaitable<Result<void>> flush();
    /// Why nothing can be written now; nothing where it can.
    const std::optional<Error>& trouble() const;

private:
    /// Appends it; nobody waits for it here.
    void write_record(const Record& record);
    /// Records of lines that have become durable, in the order of the lines.
    void record_durable_lines();

    OpenedJournal opened_;
    boost::asio::any_io_executor executor_;
    GroupFile records_;
    GroupFile lines_;
    std::deque<Record> unrecorded_;  // of lines that may not be durable yet, in their order
    /// Where the records of lines end that may not be durable themselves, rising.
    std::deque<std::uint64_t> record_ends_;
};

}  // namespace batchd::provider::direct
