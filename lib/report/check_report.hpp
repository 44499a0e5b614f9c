#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "jsonl/request/file_kind.hpp"

/// What `batchd check` says of a file, for people and for programs. Plain values: who scanned the file, and
/// by which rules, is not for this floor to know.
namespace batchd::report {

/// A line that can't be sent.
struct BadLine {
    std::uint64_t line_number = 0;
    std::string custom_id;  ///< "" where it has none of its own
    std::string what;
};

/// What will be refused, or understood otherwise than it was meant, though it would be sent.
struct CheckWarning {
    std::uint64_t line_number = 0;  ///< the first line that it is about; 0: the file
    std::uint64_t lines = 1;        ///< how many it is about
    std::string what;               ///< one sentence without a full stop
};

/// A batch that would be made of the file.
struct PlannedBatch {
    std::uint64_t shard = 0;  ///< 1, 2, … in the job
    std::string endpoint;
    std::string model;
    std::uint64_t requests = 0;
    std::uint64_t size_bytes = 0;
    std::uint64_t estimated_tokens = 0;
    std::optional<std::int64_t> cost{};  ///< nano-dollars, an estimate; nothing where nobody knows the price
};

struct CheckedFile {
    std::string name;                 ///< as it was given; "standard input" for "-"
    std::optional<Error> unreadable;  ///< why it can't be read; all that follows is empty then
    bool is_rejected = false;
    std::string flaw;  ///< what is wrong with the file as a whole, in a sentence; "" where it is single
                       ///< lines, or nothing
    std::optional<jsonl::FileKind> mistake;  ///< what it is instead of JSON lines
    std::uint64_t requests = 0;              ///< good ones
    std::uint64_t size_bytes = 0;
    std::uint64_t bad_lines_total = 0;
    std::vector<BadLine> bad_lines;     ///< the first of them
    std::size_t bad_lines_to_name = 0;  ///< so many of these are shown to people
    std::vector<CheckWarning> warnings;
    std::vector<PlannedBatch> batches;

    /// Nothing is wrong with it. Warnings do not count.
    bool is_fine() const { return !unreadable && !is_rejected && bad_lines_total == 0; }
};

/// What `batchd check` prints of one file: several lines.
std::string check_text(const CheckedFile& file);
/// One line; README.md has the shape.
std::string check_json(const std::vector<CheckedFile>& files);

}  // namespace batchd::report
