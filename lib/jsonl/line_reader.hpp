#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>

#include "base/result.hpp"

namespace batchd::jsonl {

/// So many readable bytes follow the text of a line.
constexpr std::size_t kLinePadding = 64;

/// One line of a file, without its line end.
struct Line {
    /// At least kLinePadding readable bytes follow it (simdjson parses in place). Valid until the next call
    /// of next().
    std::string_view text;
    std::uint64_t number = 0;  ///< 1-based; blank lines count
    std::uint64_t offset = 0;  ///< of the first byte of the text in the file
    std::uint64_t size = 0;    ///< bytes of the text
    bool too_long = false;     ///< the text was longer than allowed, and was dropped
};

/// True when there is nothing but JSON's white space.
bool is_blank(std::string_view text);

/// Cuts a file into lines, with memory for one block, or for the longest line within the limit where that is
/// more: a longer one is never kept, and holes in the file are not read. Only LF ends a line: U+2028 may
/// stand in a JSON string. One CR before the LF and a UTF-8 BOM at the start of the file are left out; a last
/// line without LF is a line.
class LineReader {
public:
    static constexpr std::size_t kBlockBytes = 1024 * 1024;

    /// Reads `fd`, a file that it does not own, from its position on, which is taken for the file's start.
    /// `stop` is looked at with every block.
    LineReader(int fd, std::size_t line_bytes_max, std::size_t block_bytes = kBlockBytes,
               std::stop_token stop = {});

    /// Fills in `line`; false at the end of the file. Errors: errno; operation_canceled when it was stopped.
    Result<bool> next(Line& line);

    /// Of the file, so far; at its end, its size.
    std::uint64_t bytes_read() const { return bytes_read_; }

private:
    void resize(std::size_t capacity);
    /// One more block behind what was read; false at the end.
    Result<bool> more();
    /// Moves what was not handed out to the front, and grows where that is not enough.
    void make_room();
    Result<void> skip_bom();
    /// What of a line lies behind the buffer, or would have to.
    struct Rest {
        std::uint64_t bytes = 0;  ///< without the LF
        bool has_lf = false;
        char last = '\0';  ///< byte before the LF
    };
    /// Finds the end of the line without keeping it, and without moving the descriptor.
    Result<Rest> measure_rest();
    /// At a hole of the file: goes on behind it. False where the file ends with it.
    Result<bool> skip_hole(std::uint64_t& at, Rest& rest);
    /// Hands the line out without its text, and goes on behind it.
    Result<void> skip_line(Line& line, const Rest& rest);
    /// Hands out `size` bytes as the next line; `used` are they with their line end.
    void finish(Line& line, std::size_t size, std::size_t used);

    int fd_;
    std::size_t line_bytes_max_;
    std::size_t block_bytes_;
    std::stop_token stop_;
    std::uint64_t start_ = 0;  // position of the descriptor at first
    struct Free {
        void operator()(char* buffer) const noexcept;
    };
    std::unique_ptr<char, Free> buffer_;
    std::size_t capacity_ = 0;
    std::size_t begin_ = 0;     // of what was not handed out yet
    std::size_t end_ = 0;       // of what was read
    std::uint64_t offset_ = 0;  // of begin_ in the file
    std::uint64_t number_ = 0;
    std::uint64_t bytes_read_ = 0;
    bool started_ = false;
    bool fits_ = false;  // the line was measured, and the buffer has room for it
};

}  // namespace batchd::jsonl
