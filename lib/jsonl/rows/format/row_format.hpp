#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/checksum.hpp"
#include "base/disk/file.hpp"
#include "base/disk/sha256.hpp"
#include "jsonl/rows/format/row_form.hpp"

/// The bytes of PATH.rows: a head, the rows, tables, a foot. lib/FORMATS.md has them one by one, with an
/// example.
namespace batchd::jsonl::row_format {

constexpr std::string_view kHead = "batchdR2";
/// What 0.1 wrote: rows of 40 bytes, all of which stand in PATH, and no tables.
constexpr std::string_view kFirstHead = "batchdR1";
constexpr std::string_view kTail = "batchdRE";

/// PATH.rows.
Path index_path(const Path& path);

/// One row: where its bytes stand, and how its text is made of them.
struct Entry {
    std::uint64_t line_number = 0;  ///< of the input, 1-based
    std::uint64_t offset = 0;       ///< of its bytes, in their file
    std::uint64_t bytes = 0;        ///< how many these are; less than 4 GiB
    Digest128 id{};                 ///< of its custom_id
    std::uint64_t checksum = 0;     ///< of its bytes; 0 in what 0.1 wrote
    std::uint16_t source = 0;       ///< 0: PATH itself; else the number of a source in the tables
    std::uint16_t form = 0;         ///< 0: the bytes are its text; else the number of a form in the tables
    RequestCut cut{};               ///< of a row with a form
};

/// What the entries refer to by number, from 1.
struct Tables {
    std::vector<std::string> sources;  ///< names of files in the folder of PATH
    std::vector<RowForm> forms;

    /// The size of a row's text, without its LF.
    std::uint64_t text_bytes(const Entry& entry) const;
};

/// Rows of either version.
struct RowShape {
    std::size_t bytes = 0;  ///< of an encoded row
    bool has_checksums = false;

    Entry decode(const char* at) const;
};
constexpr std::size_t kRowBytes = 64;
/// In the newest version, little-endian.
std::array<char, kRowBytes> encode(const Entry& entry);

struct Foot {
    std::uint64_t count = 0;       ///< rows
    std::uint64_t own_bytes = 0;   ///< of PATH; 0 where there is no such file
    std::uint64_t text_bytes = 0;  ///< of all texts, with an LF each
    std::uint64_t checksum = 0;    ///< of the head and the rows
};
/// Tables and foot as they stand behind the rows.
std::string encode(const Tables& tables, const Foot& foot);

/// All that an index says but its rows.
struct Frame {
    RowShape shape;
    Tables tables;
    Foot foot;
};
struct OpenIndex {
    UniqueFd fd;
    Frame frame;
};
/// Opens the index of a row file, and looks at its two ends and at the size of PATH. Errors: errno, corrupt.
Result<OpenIndex> open_index(const Path& path);

/// True to the tables, and within its own bounds. Errors: corrupt.
Result<void> check_alone(const Entry& entry, const Frame& frame, const Path& path);

/// Reads the rows of an index one after the other, from its first: each is held against the one before as
/// well, and all of them against their checksum.
class Sequence {
public:
    /// `frame` must outlive it.
    explicit Sequence(const Frame& frame);
    /// The row at `bytes`, which comes next. Line numbers rise; texts in PATH follow each other without a
    /// gap. Errors: corrupt.
    Result<Entry> next(const char* bytes, const Path& path);
    /// After the last row. Errors: corrupt.
    Result<void> check_end(const Path& path) const;

private:
    const Frame& frame_;
    Checksum64 checksum_{};
    std::uint64_t line_number_ = 0;
    std::uint64_t own_offset_ = 0;  // where the next text in PATH starts
};

}  // namespace batchd::jsonl::row_format
