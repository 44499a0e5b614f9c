#include "engine/deliver/shared_reason.hpp"

#include <optional>

#include "base/log.hpp"
#include "jsonl/result/result_line.hpp"
#include "jsonl/rows/row_line.hpp"

namespace batchd::engine {
namespace {

// A message may quote the request, and a sentence is wanted.
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
    auto reader = jsonl::RowFileReader::open(path);
    if (!reader) return reader.error();
    jsonl::ResultParser parser;
    std::string buffer;
    for (jsonl::Row row;;) {
        const auto more = reader->next(row);
        if (!more) return more.error();
        if (!*more) return true;
        const auto result = parser.parse(jsonl::line_of(row, buffer));
        // Not even a line of ours can be read: nothing is said of all of them.
        if (!result) return false;
        std::string said = reason_of(*result);
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
