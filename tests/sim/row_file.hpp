#pragma once

#include <vector>

#include "base/disk/file.hpp"
#include "sim/buffered_file.hpp"
#include "sim/input_row.hpp"

namespace batchd::sim {

/// Keeps the rows of a running batch on disk, in a form of our own: a million of them must not stay in
/// memory.
class RowFileWriter {
public:
    explicit RowFileWriter(Path path) : file_(std::move(path)) {}
    void add(const InputRow& row);
    /// Writes what was added. Errors: errno.
    Result<void> finish() { return file_.finish(); }

private:
    BufferedFile file_;
    std::string record_;
};

/// The rows in the order in which they were added. Errors: errno, corrupt.
Result<std::vector<InputRow>> read_row_file(const Path& path);

}  // namespace batchd::sim
