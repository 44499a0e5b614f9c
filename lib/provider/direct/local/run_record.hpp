#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/disk/file.hpp"

namespace batchd::provider::direct {

/// What is kept of a run beside its journal: run.json in its folder.
struct RunRecord {
    std::string key;  ///< names the folder; from the name of the uploaded file
    std::string endpoint;
    std::map<std::string, std::string> metadata;
    TimePoint created_at{};
    unsigned row_attempts = 3;
    int priority = 0;
    std::uint64_t total = 0;  ///< requests
    bool is_cancelled = false;
    std::uint64_t possibly_repeated = 0;  ///< over all lives of the daemon
    std::uint64_t answered = 0;           ///< at its end
    std::uint64_t failed = 0;             ///< likewise
    std::optional<TimePoint> ended_at;
};

/// Durable when it returns. Blocks. Errors: errno.
Result<void> write_run_record(const Path& path, const RunRecord& record);

/// Nothing where there is no such file. Blocks. Errors: errno; corrupt where it is not as it was written.
Result<std::optional<RunRecord>> read_run_record(const Path& path, const std::string& key);

}  // namespace batchd::provider::direct
