#include "jsonl/result/split_refused.hpp"

#include "jsonl/request/request_line.hpp"
#include "jsonl/rows/row_output.hpp"

namespace batchd::jsonl {

Result<RefusedReport> split_refused(const RefusedPaths& paths,
                                    const std::map<std::uint64_t, LineError>& errors) {
    auto prepared = RowFileReader::open(paths.prepared);
    if (!prepared) return prepared.error();
    RowOutput failed(paths.failed);
    RowOutput again(paths.again);
    Row row;
    for (std::uint64_t sent_line = 1;; ++sent_line) {
        const auto more = prepared->next(row);
        if (!more) return more.error();
        if (!*more) break;
        const auto refused = errors.find(sent_line);
        const auto put = refused == errors.end()
                             ? again.append(row.line_number, row.id, row.text)
                             : failed.append(row.line_number, row.id,
                                             error_line(prepared_custom_id(row.text), refused->second));
        if (!put) return put.error();
    }
    const RefusedReport report{failed.count(), again.count(), errors.size() - failed.count()};
    if (auto committed = failed.commit(); !committed) return committed.error();
    if (auto committed = again.commit(); !committed) return committed.error();
    return report;
}

}  // namespace batchd::jsonl
