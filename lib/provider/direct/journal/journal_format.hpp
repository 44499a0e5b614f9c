#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

/// The bytes of a run's journal: a head, then records of 40 bytes. lib/FORMATS.md has them one by one, with
/// an example.
namespace batchd::provider::direct {

inline constexpr std::string_view kJournalHead = "batchdJ1";
inline constexpr std::size_t kRecordBytes = 40;

enum class RecordKind : char {
    intent = 'I',    ///< the row is about to be sent
    ended = 'E',     ///< it is not under way any more, and has no line: it will be sent again
    answered = 'A',  ///< its answer is a line of the results file
    failed = 'F',    ///< likewise what it failed with for good
};

struct Record {
    RecordKind kind = RecordKind::intent;
    std::uint32_t attempt = 0;  ///< how many of the row's attempts are used up, with this one where it counts
    std::uint64_t row = 0;      ///< number of its line in the input
    std::uint64_t offset = 0;   ///< of its line in the results file; 0 where it has none, and so on
    std::uint64_t size = 0;     ///< without the LF
    std::uint32_t line_crc = 0;
    bool has_line() const { return kind == RecordKind::answered || kind == RecordKind::failed; }
};

/// Little-endian, with a checksum of its own at the end.
std::array<char, kRecordBytes> encode(const Record& record);
/// Of kRecordBytes bytes; nothing where they are not a whole record as it was written.
std::optional<Record> decode_record(std::string_view bytes);

/// CRC-32 (IEEE 802.3) of `bytes`.
std::uint32_t crc32(std::string_view bytes);

}  // namespace batchd::provider::direct
