#pragma once

#include <string>

#include "engine/prepare/request_scan.hpp"
#include "jsonl/request/request_cut.hpp"
#include "jsonl/rows/row_file.hpp"
#include "spool/layout.hpp"

namespace batchd::engine {

/// Writes the rows that the first attempt of a shard sends. What is sent is made of the input when it is
/// sent: a second copy of gigabytes would cost as much disk, and half of the time. Only what is more than its
/// line with something around it is written as a text of its own. Blocking.
class PreparedRows {
public:
    static Result<PreparedRows> create(const spool::Layout& layout, const std::string& job_key,
                                       std::uint64_t shard);

    Result<void> append(const ScannedRequest& scanned);
    /// As RowFileWriter::commit().
    Result<void> commit() { return writer_.commit(); }
    std::uint64_t count() const { return writer_.count(); }

private:
    PreparedRows(jsonl::RowFileWriter writer, std::string input_name)
        : writer_(std::move(writer)), input_name_(std::move(input_name)) {}

    jsonl::RowFileWriter writer_;
    std::string input_name_;
    jsonl::MadeOf made_{};  // reused
    std::string text_{};    // reused
};

}  // namespace batchd::engine
