#include "provider/direct/journal/journal.hpp"

#include <algorithm>

#include "base/async/task_group.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

Journal::Journal(OpenedJournal opened, asio::any_io_executor executor, asio::thread_pool& pool, Clock& clock)
    : opened_(std::move(opened)),
      executor_(executor),
      records_(opened_.journal.get(), opened_.paths.journal, opened_.replay.journal_bytes, executor, pool,
               clock),
      lines_(opened_.results.get(), opened_.paths.results, opened_.replay.results_bytes, executor, pool,
             clock) {}

void Journal::write_record(const Record& record) {
    const auto bytes = encode(record);
    records_.append({bytes.data(), bytes.size()});
}

asio::awaitable<void> Journal::intend(std::uint64_t row, std::uint32_t attempt) {
    write_record({.kind = RecordKind::intent, .attempt = attempt, .row = row});
    co_await records_.durable(records_.end());
}

void Journal::ended(std::uint64_t row, std::uint32_t attempt) {
    write_record({.kind = RecordKind::ended, .attempt = attempt, .row = row});
}

asio::awaitable<void> Journal::settle(std::uint64_t row, std::uint32_t attempt, RecordKind kind,
                                      std::string line) {
    const Record record{.kind = kind,
                        .attempt = attempt,
                        .row = row,
                        .offset = lines_.end(),
                        .size = line.size(),
                        .line_crc = crc32(line)};
    unrecorded_.push_back(record);
    line.push_back('\n');
    lines_.append(line);
    line = {};  // it waits in the group now, and need not be in memory twice
    // First the line and then its record, each with a sync that is shared with others: a record whose line
    // a power cut took would be an answer that is not there.
    co_await lines_.durable(record.offset + record.size + 1);
    record_durable_lines();
    co_await records_.durable(records_.end());
}

void Journal::record_durable_lines() {
    while (!record_ends_.empty() && record_ends_.front() <= records_.durable_end()) record_ends_.pop_front();
    while (!unrecorded_.empty()) {
        const Record& first = unrecorded_.front();
        // In the order of the lines, so that a replay reads the results forwards.
        if (first.offset + first.size >= lines_.durable_end()) return;
        write_record(first);
        record_ends_.push_back(records_.end());
        unrecorded_.pop_front();
    }
}

asio::awaitable<void> Journal::saved() {
    co_await lines_.durable(lines_.end());
    record_durable_lines();
    co_await records_.durable(records_.end());
}

std::uint64_t Journal::unsaved() const {
    const auto first = std::upper_bound(record_ends_.begin(), record_ends_.end(), records_.durable_end());
    return unrecorded_.size() + static_cast<std::uint64_t>(record_ends_.end() - first);
}

asio::awaitable<void> Journal::run() {
    TaskGroup both(executor_);
    both.spawn(records_.run());
    both.spawn(lines_.run());
    co_await both.join();
}

asio::awaitable<Result<void>> Journal::flush() {
    // Lines before records, here as well: a record that is on disk vouches for its line.
    auto lines = co_await lines_.flush();
    if (!lines) co_return lines;
    record_durable_lines();
    co_return co_await records_.flush();
}

const std::optional<Error>& Journal::trouble() const {
    // Both are on the same disk, and one sentence is enough.
    return records_.trouble() ? records_.trouble() : lines_.trouble();
}

}  // namespace batchd::provider::direct
