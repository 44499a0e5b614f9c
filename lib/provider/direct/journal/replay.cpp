#include "provider/direct/journal/replay.hpp"

#include <algorithm>

#include <sys/stat.h>
#include <boost/crc.hpp>

#include "provider/direct/journal/journal_format.hpp"

namespace batchd::provider::direct {
namespace {

constexpr std::size_t kRecordsAtOnce = 1024;
constexpr std::size_t kLineBlockBytes = 64 * 1024;

Result<std::uint64_t> size_of_file(int fd, const Path& path) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return system_failure("look at " + path.string());
    return static_cast<std::uint64_t>(status.st_size);
}

struct RowState {
    std::uint32_t attempt = 0;
    bool is_in_flight = false;
    bool has_end = false;
};

/// Takes record after record.
class Replayer {
public:
    Replayer(int results_fd, std::uint64_t results_size)
        : results_fd_(results_fd), results_size_(results_size), block_(kLineBlockBytes) {}

    void take(const Record& record) {
        // Records of lines are looked at in the end, in the order of the results file, so that it is read
        // once and forwards.
        if (record.has_line()) {
            with_lines_.push_back(record);
            return;
        }
        RowState& row = rows_[record.row];
        row.attempt = record.attempt;
        // The last record of a row says how it stands: an end behind an intent closes it.
        row.is_in_flight = record.kind == RecordKind::intent;
    }

    void damaged() { ++replay_.damaged; }

    Result<Replay> finish() {
        std::sort(with_lines_.begin(), with_lines_.end(),
                  [](const Record& a, const Record& b) { return a.offset < b.offset; });
        for (const Record& record : with_lines_)
            if (auto settled = settle(record); !settled) return settled.error();
        for (const auto& [row, state] : rows_) {
            // A row with its line needs no attempts any more.
            if (state.has_end) continue;
            if (state.is_in_flight) replay_.in_flight.push_back(row);
            replay_.attempts.emplace(row, state.attempt);
        }
        std::sort(replay_.in_flight.begin(), replay_.in_flight.end());
        std::sort(replay_.settled.begin(), replay_.settled.end(),
                  [](const Settled& a, const Settled& b) { return a.row < b.row; });
        return std::move(replay_);
    }

private:
    Result<void> settle(const Record& record) {
        const auto is_there = has_line(record);
        if (!is_there) return is_there.error();
        RowState& row = rows_[record.row];
        // A record whose line is not whole was written by a life that was cut off between the two syncs:
        // its row counts as in flight. A second line for a row is passed over, so that the first that was
        // counted stays the answer.
        if (!*is_there || row.has_end) {
            ++replay_.damaged;
            return {};
        }
        row.has_end = true;
        // What no record names was never counted; it is cut out, or its line would be an answer to a
        // request that is sent again.
        if (record.offset > replay_.results_bytes)
            replay_.gaps.push_back({replay_.results_bytes, record.offset - replay_.results_bytes});
        replay_.results_bytes = record.offset + record.size + 1;
        replay_.settled.push_back(
            {record.row, record.offset, record.size, record.kind == RecordKind::answered});
        return {};
    }

    /// The line is in its place, behind the others, and whole.
    Result<bool> has_line(const Record& record) {
        const std::uint64_t begin = record.offset;
        // Lines do not overlap: one that begins within another is none that was ever counted.
        if (begin < replay_.results_bytes || begin >= results_size_ || record.size >= results_size_ - begin)
            return false;
        boost::crc_32_type crc;
        for (std::uint64_t done = 0; done < record.size;) {
            const auto part = std::min<std::uint64_t>(block_.size(), record.size - done);
            if (auto read = read_exactly_at(results_fd_, block_.data(), part, begin + done); !read)
                return read.error();
            crc.process_bytes(block_.data(), part);
            done += part;
        }
        char end = 0;
        if (auto read = read_exactly_at(results_fd_, &end, 1, begin + record.size); !read)
            return read.error();
        return crc.checksum() == record.line_crc && end == '\n';
    }

    int results_fd_;
    std::uint64_t results_size_;
    std::vector<char> block_;
    std::vector<Record> with_lines_;
    std::unordered_map<std::uint64_t, RowState> rows_;
    Replay replay_;
};

Result<void> check_head(int fd, const Path& path) {
    char head[kJournalHead.size()];
    if (auto read = read_exactly_at(fd, head, sizeof head, 0); !read)
        return within(path.string(), read.error());
    // A journal of another version is refused and not guessed at: what it says was paid.
    if (std::string_view(head, sizeof head) != kJournalHead)
        return error(Errc::corrupt, path.string() + " is no journal of this version");
    return {};
}

}  // namespace

bool Replay::has_end(std::uint64_t row) const {
    const auto at =
        std::lower_bound(settled.begin(), settled.end(), row,
                         [](const Settled& one, std::uint64_t number) { return one.row < number; });
    return at != settled.end() && at->row == row;
}

std::uint32_t Replay::attempts_used(std::uint64_t row) const {
    const auto used = attempts.find(row);
    if (used == attempts.end()) return 0;
    const bool was_under_way = std::binary_search(in_flight.begin(), in_flight.end(), row);
    // One that was under way at a crash has not used its attempt up: nobody knows how it ended.
    return used->second - (was_under_way && used->second > 0 ? 1 : 0);
}

Result<Replay> replay_journal(int journal_fd, int results_fd, const JournalPaths& paths) {
    const auto size = size_of_file(journal_fd, paths.journal);
    if (!size) return size.error();
    const auto results_size = size_of_file(results_fd, paths.results);
    if (!results_size) return results_size.error();
    if (auto head = check_head(journal_fd, paths.journal); !head) return head.error();

    Replayer replayer(results_fd, *results_size);
    // The last record may be cut off. It is written over by the next one.
    const std::uint64_t end = *size - (*size - kJournalHead.size()) % kRecordBytes;
    std::vector<char> block;
    for (std::uint64_t offset = kJournalHead.size(); offset < end; offset += block.size()) {
        block.resize(std::min<std::uint64_t>(kRecordsAtOnce * kRecordBytes, end - offset));
        if (auto read = read_exactly_at(journal_fd, block.data(), block.size(), offset); !read)
            return within(paths.journal.string(), read.error());
        for (std::size_t at = 0; at < block.size(); at += kRecordBytes) {
            const auto record = decode_record({block.data() + at, kRecordBytes});
            if (record) replayer.take(*record);
            // Counted and passed over: a bad sector in the middle loses one row's record, which is then
            // sent again, and not the run.
            if (!record) replayer.damaged();
        }
    }
    auto replay = replayer.finish();
    if (!replay) return within(paths.results.string(), replay.error());
    replay->journal_bytes = end;
    return replay;
}

}  // namespace batchd::provider::direct
