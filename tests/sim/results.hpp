#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/disk/file.hpp"
#include "sim/answers.hpp"
#include "sim/fate.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// What the results of one batch are made from; a copy, because they are made beside the server's thread.
struct ResultsTask {
    Path row_file;
    Path output, errors;  ///< the files to write
    Settings settings;
    std::string batch_id;
    AnswerContext answers;
    double done = 1;                        ///< share of the rows, from the first on, that the batch got to
    Fate::Kind rest = Fate::Kind::expired;  ///< what the others become
    std::unordered_map<std::string, std::uint64_t> runs;  ///< custom_id: how often it has run; missing: once
};

/// How one row of the batch ended.
struct RowEnd {
    std::string custom_id;
    bool retryable = false;
};

struct Results {
    std::uint64_t output_bytes = 0, error_bytes = 0;  ///< 0: the file has no rows
    std::uint64_t completed = 0, failed = 0;
    Tokens tokens;  ///< of the rows that were answered with 2xx
    std::vector<RowEnd> ends;
};

/// Writes both files, also when they are empty. Errors: errno, from our own disk.
Result<Results> write_results(const ResultsTask& task);

}  // namespace batchd::sim
