#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/file.hpp"
#include "base/sha256.hpp"
#include "config/settings.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::engine {

/// A request of the input file that can be sent.
struct ScannedRequest {
    std::uint64_t line_number = 0;
    Digest128 id{};
    std::string_view endpoint;
    std::string_view model;
    std::string_view prepared;  ///< the line to send, with its LF
    std::uint64_t inputs = 1;
    std::uint64_t estimated_tokens = 0;
};

/// A line of the input file that can't be sent.
struct ScannedBadLine {
    std::uint64_t line_number = 0;
    std::string custom_id;  ///< "" where it has none of its own
    std::string what;
};

struct ScanVisitor {
    std::function<Result<void>(const ScannedRequest&)> request;
    std::function<Result<void>(const ScannedBadLine&)> bad_line;
};

struct ScanTotals {
    std::uint64_t requests = 0;  ///< good ones
    std::uint64_t bad_lines = 0;
    std::uint64_t size_bytes = 0;
    std::string sha256;        ///< of the whole file
    spool::FileStamp stamp{};  ///< of the file when its last byte had been read
};

enum class ScanHash { none, sha256 };

/// Reads an input file once, checks every line (one JSON object, ids unique in the file, no line
/// larger than a batch), and shows each to the visitor in the order of the file. Blocking; for the pool.
/// Errors: errno; changed when somebody wrote to the file meanwhile; whatever the visitor answers.
Result<ScanTotals> scan_requests(const Path& input, const config::Batch& batch, ScanHash hash,
                                 const ScanVisitor& visitor);

}  // namespace batchd::engine
