#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/disk/file.hpp"
#include "engine/prepare/request_scan.hpp"
#include "jsonl/rows/row_file.hpp"

namespace batchd::engine {

/// Writes the error lines of a job's bad ones, for a job that is sent without them. Blocking.
class InvalidRows {
public:
    /// Nothing is made before the first line, for most files have none.
    explicit InvalidRows(Path path) : path_(std::move(path)) {}

    /// In rising order. Errors: as RowFileWriter.
    Result<void> append(const ScannedBadLine& bad);
    /// Makes them durable, those of the lines `ids_of_others` (rising) with null for an id. Errors: as
    /// RowFileWriter and RowFileReader.
    Result<void> commit(const std::vector<std::uint64_t>& ids_of_others);

private:
    Path path_;
    std::optional<jsonl::RowFileWriter> writer_;
};

}  // namespace batchd::engine
