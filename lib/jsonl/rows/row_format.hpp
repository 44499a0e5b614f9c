#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "jsonl/rows/row_file.hpp"

/// The bytes of PATH.rows: a head, 40 bytes a row, a foot. lib/FORMATS.md has them one by one, with an
/// example.
namespace batchd::jsonl::row_format {

constexpr std::string_view kHead = "batchdR1";
constexpr std::string_view kTail = "batchdRE";
constexpr std::size_t kRowBytes = 40;
constexpr std::size_t kFootBytes = 24;

Path index_path(const Path& path);

std::array<char, kRowBytes> encode(const RowRef& row);
RowRef decode_row(const char* bytes);

struct Foot {
    std::uint64_t count = 0;
    std::uint64_t text_bytes = 0;
};
std::array<char, kFootBytes> encode(const Foot& foot);

/// Looks at the ends of an open index file and at the size of its text file. Errors: errno, corrupt.
Result<Foot> check_frame(int index_fd, int text_fd, const Path& path);

/// Holds each row against the one before: line numbers rise, and texts follow each other without a gap.
class Sequence {
public:
    /// Errors: corrupt.
    Result<void> check(const RowRef& row, const Path& path);
    std::uint64_t end_offset() const { return offset_; }  ///< where the next text starts

private:
    std::uint64_t line_number_ = 0;
    std::uint64_t offset_ = 0;
};

}  // namespace batchd::jsonl::row_format
