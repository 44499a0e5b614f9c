#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <boost/asio/thread_pool.hpp>

#include "base/disk/file.hpp"
#include "base/disk/sha256.hpp"
#include "engine/terms/terms.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/request/file_kind.hpp"
#include "jsonl/request/request_line.hpp"
#include "spool/file_stamp.hpp"

namespace batchd::engine {

/// A request of the input file that can be sent.
struct ScannedRequest {
    const jsonl::Line& line;
    const jsonl::Request& request;  ///< what the line was read as
    Digest128 id{};                 ///< of its custom_id
    std::uint64_t size_bytes = 0;   ///< of the line to send, with its LF
};

/// A line of the input file that can't be sent.
struct ScannedBadLine {
    std::uint64_t line_number = 0;
    std::string custom_id;  ///< "" where it has none of its own, or a line before it has it
    std::string what;
};

/// What is shown is good until the call returns. An error that it answers ends the scan.
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
    /// What the file is instead of JSON lines, where most of its lines are bad and the reason is plain. A
    /// file that can't be text is not read further than that: its lines are not counted.
    std::optional<jsonl::FileKind> mistake{};
    /// Numbers of bad lines, rising, whose id as it was shown is that of a request further down.
    std::vector<std::uint64_t> ids_of_others{};
};

enum class ScanHash {
    none,
    sha256,
    sha256_of_good  ///< none when a line is bad
};

/// What may come to a scan's help, and to its end.
struct ScanAid {
    boost::asio::thread_pool* pool = nullptr;  ///< hashes beside it; the scan itself may be in it
    std::stop_token stop{};
};

/// Reads an input file once, checks every line (one JSON object, ids unique in the file, no line larger than
/// allowed), and shows each to the visitor in the order of the file. Blocking; for the pool. Errors: errno;
/// changed when somebody wrote to the file meanwhile; operation_canceled when it was stopped; whatever the
/// visitor answers. A link in the place of the file is not followed: what is named in it was never dropped.
Result<ScanTotals> scan_requests(const Path& input, const Terms& terms, ScanHash hash,
                                 const ScanVisitor& visitor, const ScanAid& aid = {});

/// The same of a file that is open, at its beginning, and can be read more than once; `input` is its name in
/// errors.
Result<ScanTotals> scan_opened(int fd, const Path& input, const Terms& terms, ScanHash hash,
                               const ScanVisitor& visitor, const ScanAid& aid = {});

}  // namespace batchd::engine
