#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Ids of ours, under which the requests of several jobs travel in one batch: KEY-LINE, the job's key without
/// its dashes and the request's line in the job's file. At most kWireIdMax characters, of letters, digits and
/// a dash: as the most restrictive provider wants them, and enough to know whose request it is without a
/// table.
namespace batchd::jsonl {

/// Characters of the longest of them: 32 of the key, a dash, and a line of which the number fits into 32
/// bits.
constexpr std::size_t kWireIdMax = 43;

/// `job_key` is a UUID.
std::string wire_id(std::string_view job_key, std::uint64_t line_number);

/// Whose request it is: the job's key with its dashes again, and the line in the job's file.
struct WireId {
    std::string job_key;
    std::uint64_t line_number = 0;

    friend bool operator==(const WireId&, const WireId&) = default;
};
/// What wire_id() wrote; nothing for any other text.
std::optional<WireId> parse_wire_id(std::string_view id);

/// Appends the line with `id_json`, a JSON string, as the value of its `custom_id`, and all else byte for
/// byte. False, and nothing is appended, where it has no such field. The line must be a JSON object.
bool append_with_id(std::string_view line, std::string_view id_json, std::string& out);

}  // namespace batchd::jsonl
