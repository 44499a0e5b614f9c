#include "jsonl/match/split_refused.hpp"

#include "jsonl/match/error_row.hpp"
#include "jsonl/rows/row_output.hpp"

namespace batchd::jsonl {

Result<RefusedReport> split_refused(const RefusedPaths& paths,
                                    const std::map<std::uint64_t, LineError>& errors) {
    auto prepared = RowFileReader::open(paths.prepared);
    if (!prepared) return prepared.error();
    RowOutput failed(paths.failed);
    RowOutput again(paths.again);
    // The provider names lines of the file that it was sent, which are not those of the user's: bad lines
    // and other shards are missing in between.
    for (std::uint64_t sent_line = 1;; ++sent_line) {
        const auto refused = errors.find(sent_line);
        const auto more = refused == errors.end() ? again.append_next_of(*prepared)
                                                  : append_error_of_next(*prepared, refused->second, failed);
        if (!more) return more.error();
        if (!*more) break;
    }
    // What is left over are lines that the file does not have: the provider meant something else by its
    // numbers.
    const RefusedReport report{failed.count(), again.count(), errors.size() - failed.count()};
    // Either file may be missing after a crash in between; this is then done again from the start.
    if (auto committed = failed.commit(); !committed) return committed.error();
    if (auto committed = again.commit(); !committed) return committed.error();
    return report;
}

}  // namespace batchd::jsonl
