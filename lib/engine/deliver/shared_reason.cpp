#include "engine/deliver/shared_reason.hpp"

#include <optional>

#include <fcntl.h>

#include "base/log.hpp"
#include "jsonl/line_reader.hpp"
#include "jsonl/result/result_line.hpp"

namespace batchd::engine {
namespace {

constexpr std::size_t kLineBytesMax = 16 * 1024 * 1024;  // an error line is no longer
constexpr std::size_t kMessageBytesMax = 400;

std::string reason_of(const jsonl::ResultLine& row) {
    std::string reason(row.error_code);
    if (reason.empty() && row.status_code != 0) reason = "status " + std::to_string(row.status_code);
    const std::string message = printable(row.error_message.substr(0, kMessageBytesMax));
    if (!reason.empty() && !message.empty()) reason += ": ";
    return printable(reason) + message;
}

/// False at the first line that says something else.
Result<bool> read_piece(const Path& path, std::optional<std::string>& reason) {
    const auto fd = open_file(path, O_RDONLY);
    if (!fd) return fd.error();
    jsonl::LineReader reader(fd->get(), kLineBytesMax);
    jsonl::ResultParser parser;
    for (jsonl::Line line;;) {
        const auto more = reader.next(line);
        if (!more) return within(path.string(), more.error());
        if (!*more) return true;
        const auto row = parser.parse(line);
        if (!row) return false;
        std::string said = reason_of(*row);
        if (said.empty() || (reason && *reason != said)) return false;
        reason = std::move(said);
    }
}

}  // namespace

Result<std::string> shared_reason(const std::vector<Path>& pieces) {
    std::optional<std::string> reason;
    for (const Path& piece : pieces) {
        const auto same = read_piece(piece, reason);
        if (!same) return same.error();
        if (!*same) return std::string();
    }
    return reason.value_or("");
}

}  // namespace batchd::engine
