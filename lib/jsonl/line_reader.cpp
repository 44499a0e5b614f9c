#include "jsonl/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

#include <unistd.h>

#include "base/disk/file.hpp"
#include "base/text/byte_order_mark.hpp"

namespace batchd::jsonl {
namespace {

// A line that is longer than this is measured before it is kept.
constexpr std::size_t kKeptUnmeasured = 4 * 1024 * 1024;

Error stopped() {
    return {make_error_code(boost::system::errc::operation_canceled), "reading was stopped"};
}

Result<std::size_t> read_at(int fd, std::vector<char>& into, std::uint64_t at) {
    for (;;) {
        const ssize_t got = ::pread(fd, into.data(), into.size(), static_cast<off_t>(at));
        if (got >= 0) return static_cast<std::size_t>(got);
        // A signal is no failure of the file.
        if (errno != EINTR) return system_failure("read");
    }
}

}  // namespace

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

LineReader::LineReader(int fd, std::size_t line_bytes_max, std::size_t block_bytes, std::stop_token stop)
    : fd_(fd),
      line_bytes_max_(line_bytes_max),
      block_bytes_(std::max(block_bytes, kByteOrderMark.size())),
      stop_(std::move(stop)) {
    resize(block_bytes_);
    // A pipe has no position, and is read from its start.
    if (const off_t position = ::lseek(fd_, 0, SEEK_CUR); position > 0)
        start_ = static_cast<std::uint64_t>(position);
}

void LineReader::Free::operator()(char* buffer) const noexcept {
    std::free(buffer);
}

/// realloc() moves the pages of a large buffer, where a copy would need the memory twice.
void LineReader::resize(std::size_t capacity) {
    char* const grown = static_cast<char*>(std::realloc(buffer_.get(), capacity + kLinePadding));
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(buffer_.release());
    buffer_.reset(grown);
    capacity_ = capacity;
    std::memset(grown + capacity, 0, kLinePadding);
}

Result<bool> LineReader::next(Line& line) {
    if (auto skipped = skip_bom(); !skipped) return skipped.error();
    fits_ = false;
    for (std::size_t searched = 0;;) {
        const char* const from = buffer_.get() + begin_;
        const std::size_t have = end_ - begin_;
        const void* const lf =
            // Only what is new is searched: a line of gigabytes would else be searched anew with every
            // block.
            have > searched ? std::memchr(from + searched, '\n', have - searched) : nullptr;
        if (lf != nullptr) {
            const auto used = static_cast<std::size_t>(static_cast<const char*>(lf) - from);
            const std::size_t size = used > 0 && from[used - 1] == '\r' ? used - 1 : used;
            finish(line, size, used + 1);
            return true;
        }
        if (!fits_ && have > std::min(kKeptUnmeasured, line_bytes_max_)) {
            const auto rest = measure_rest();
            if (!rest) return rest.error();
            const bool has_cr = rest->has_lf && (rest->bytes > 0 ? rest->last : from[have - 1]) == '\r';
            if (have + rest->bytes - (has_cr ? 1 : 0) > line_bytes_max_) {
                if (auto skipped = skip_line(line, *rest); !skipped) return skipped.error();
                return true;
            }
            // From here on the room for the whole line is there, and it is neither measured nor grown
            // again.
            fits_ = true;
            resize(std::max<std::size_t>(capacity_, begin_ + have + rest->bytes + 1));
        }
        searched = have;
        const auto got = more();
        if (!got) return got.error();
        if (*got) continue;
        if (have == 0) return false;
        // The last line has no LF. A CR at its end stays: it is white space in JSON.
        finish(line, have, have);
        return true;
    }
}

/// Hands out `size` bytes and leaves `used` bytes behind.
void LineReader::finish(Line& line, std::size_t size, std::size_t used) {
    line = {{buffer_.get() + begin_, size}, ++number_, offset_, size, size > line_bytes_max_};
    // Its text is not handed out, so that nobody sends half of a line by mistake.
    if (line.too_long) line.text = {};
    begin_ += used;
    offset_ += used;
}

/// Looks for the end of the line behind what was read, and leaves the descriptor where it is.
Result<LineReader::Rest> LineReader::measure_rest() {
    // By pread(2) beside the descriptor's own position, from which the line is read if it fits.
    std::vector<char> block(256 * 1024);
    Rest rest;
    for (std::uint64_t at = start_ + bytes_read_;;) {
        if (stop_.stop_requested()) return stopped();
        const auto goes_on = skip_hole(at, rest);
        if (!goes_on) return goes_on.error();
        if (!*goes_on) return rest;
        const auto got = read_at(fd_, block, at);
        if (!got) return got.error();
        const std::string_view have(block.data(), *got);
        const std::string_view part = have.substr(0, have.find('\n'));
        rest.bytes += part.size();
        if (!part.empty()) rest.last = part.back();
        rest.has_lf = part.size() < have.size();
        if (rest.has_lf || have.empty()) return rest;
        at += have.size();
    }
}

/// A hole is full of NULs, so no line ends in it. False when there is nothing but a hole up to the file's
/// end.
Result<bool> LineReader::skip_hole(std::uint64_t& at, Rest& rest) {
    const auto position = static_cast<off_t>(start_ + bytes_read_);
    off_t data = ::lseek(fd_, static_cast<off_t>(at), SEEK_DATA);
    const bool is_last = data < 0 && errno == ENXIO;
    // ENXIO says that no data follows: what is left is one hole, up to the end.
    if (is_last) data = ::lseek(fd_, 0, SEEK_END);
    // Where the file system knows no holes, there are none.
    const std::uint64_t to = data < 0 ? at : std::max(at, static_cast<std::uint64_t>(data));
    if (to > at) {
        rest.bytes += to - at;
        // What ends a hole is no CR, whatever came before it.
        rest.last = '\0';
        at = to;
    }
    if (::lseek(fd_, position, SEEK_SET) < 0) return system_failure("lseek");
    return !is_last;
}

/// Hands out a line that is too long, and goes on behind it.
Result<void> LineReader::skip_line(Line& line, const Rest& rest) {
    const std::size_t have = end_ - begin_;
    const std::uint64_t size = have + rest.bytes;
    const char last = rest.bytes > 0 || have == 0 ? rest.last : buffer_.get()[end_ - 1];
    line = {{}, ++number_, offset_, size - (rest.has_lf && last == '\r' ? 1U : 0U), true};
    bytes_read_ += rest.bytes + (rest.has_lf ? 1U : 0U);
    offset_ += size + (rest.has_lf ? 1U : 0U);
    begin_ = end_ = 0;
    if (::lseek(fd_, static_cast<off_t>(start_ + bytes_read_), SEEK_SET) < 0) return system_failure("lseek");
    return {};
}

Result<void> LineReader::skip_bom() {
    if (started_) return {};
    // Once only: the same bytes within the file are text.
    started_ = true;
    // A pipe may bring the mark in pieces.
    while (end_ < kByteOrderMark.size()) {
        const auto got = more();
        if (!got) return got.error();
        if (!*got) break;
    }
    if (has_byte_order_mark({buffer_.get(), end_})) begin_ = offset_ = kByteOrderMark.size();
    return {};
}

/// Reads one more piece behind what is there; false at the end of the file.
Result<bool> LineReader::more() {
    if (stop_.stop_requested()) return stopped();
    make_room();
    const auto got = read_some(fd_, buffer_.get() + end_, capacity_ - end_);
    if (!got) return got.error();
    end_ += *got;
    bytes_read_ += *got;
    return *got > 0;
}

void LineReader::make_room() {
    const std::size_t have = end_ - begin_;
    if (begin_ > 0) std::memmove(buffer_.get(), buffer_.get() + begin_, have);
    begin_ = 0;
    end_ = have;
    // At least half of the buffer is read at once, so that moving the rest of a line stays cheap on the
    // whole.
    if (!fits_ && have > capacity_ / 2) resize(capacity_ * 2);
}

}  // namespace batchd::jsonl
