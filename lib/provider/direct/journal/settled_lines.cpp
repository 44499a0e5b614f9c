#include "provider/direct/journal/settled_lines.hpp"

#include <string>

#include <fcntl.h>

namespace batchd::provider::direct {
namespace {

Result<std::uint64_t> copy_lines(int results_fd, const Replay& replay, FileWriter writer) {
    std::string line;
    for (const Settled& row : replay.settled) {
        line.resize(row.size + 1);  // with its LF
        if (auto read = read_exactly_at(results_fd, line.data(), line.size(), row.offset); !read)
            return read.error();
        if (auto put = writer.append(line); !put) return put.error();
    }
    const std::uint64_t size = writer.size_bytes();
    if (auto done = writer.commit(); !done) return done.error();
    return size;
}

}  // namespace

Result<std::uint64_t> copy_settled_lines(const JournalPaths& paths, const Path& to) {
    auto writer = FileWriter::create(to);
    if (!writer) return writer.error();
    const auto has_begun = file_exists(paths.results);
    if (!has_begun) return has_begun.error();
    if (!*has_begun) return copy_lines(-1, Replay(), std::move(*writer));
    const auto journal = open_file(paths.journal, O_RDONLY);
    if (!journal) return journal.error();
    const auto results = open_file(paths.results, O_RDONLY);
    if (!results) return results.error();
    // By the journal and not by line ends: what is being written this moment may look like a line.
    const auto replay = replay_journal(journal->get(), results->get(), paths);
    if (!replay) return replay.error();
    return copy_lines(results->get(), *replay, std::move(*writer));
}

}  // namespace batchd::provider::direct
