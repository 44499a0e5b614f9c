#include "jsonl/line_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/file.hpp"

namespace batchd::jsonl {
namespace {

constexpr std::size_t kPadding = 64;  // SIMDJSON_PADDING; request_line.cpp holds it against simdjson's own
constexpr std::string_view kBom = "\xEF\xBB\xBF";

}  // namespace

bool is_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

LineReader::LineReader(int fd, std::size_t line_bytes_max, std::size_t block_bytes)
    : fd_(fd), line_bytes_max_(line_bytes_max), block_bytes_(std::max(block_bytes, kBom.size())) {
    resize(block_bytes_);
}

void LineReader::Free::operator()(char* buffer) const noexcept {
    std::free(buffer);
}

/// realloc() moves the pages of a large buffer, where a copy would need the memory twice.
void LineReader::resize(std::size_t capacity) {
    char* const grown = static_cast<char*>(std::realloc(buffer_.get(), capacity + kPadding));
    if (grown == nullptr) throw std::bad_alloc();
    static_cast<void>(buffer_.release());
    buffer_.reset(grown);
    capacity_ = capacity;
    std::memset(grown + capacity, 0, kPadding);
}

Result<bool> LineReader::next(Line& line) {
    if (auto skipped = skip_bom(); !skipped) return skipped.error();
    for (std::size_t searched = 0;;) {
        const char* const from = buffer_.get() + begin_;
        const std::size_t have = end_ - begin_;
        const void* const lf =
            have > searched ? std::memchr(from + searched, '\n', have - searched) : nullptr;
        if (lf != nullptr) {
            const auto used = static_cast<std::size_t>(static_cast<const char*>(lf) - from);
            const std::size_t size = used > 0 && from[used - 1] == '\r' ? used - 1 : used;
            finish(line, size, used + 1);
            return true;
        }
        // One byte above the limit may still be the CR of the line end.
        if (have > 1 && have - 1 > line_bytes_max_) return skip_long_line(line);
        searched = have;
        const auto got = more();
        if (!got) return got.error();
        if (*got) continue;
        if (have == 0) return false;
        finish(line, have, have);
        return true;
    }
}

/// Hands out `size` bytes and leaves `used` bytes behind.
void LineReader::finish(Line& line, std::size_t size, std::size_t used) {
    line = {{buffer_.get() + begin_, size}, ++number_, offset_, size, size > line_bytes_max_};
    if (line.too_long) line.text = {};
    begin_ += used;
    offset_ += used;
}

Result<bool> LineReader::skip_long_line(Line& line) {
    std::uint64_t size = 0;
    bool after_cr = false;
    for (;;) {
        const std::string_view have(buffer_.get() + begin_, end_ - begin_);
        const std::size_t lf = have.find('\n');
        const std::string_view part = have.substr(0, lf);
        size += part.size();
        if (!part.empty()) after_cr = part.back() == '\r';
        begin_ += part.size();
        if (lf != std::string_view::npos) break;
        const auto got = more();
        if (!got) return got.error();
        if (!*got) break;
    }
    const bool ended = begin_ < end_;
    line = {{}, ++number_, offset_, size - (ended && after_cr ? 1U : 0U), true};
    offset_ += size + (ended ? 1U : 0U);
    if (ended) ++begin_;
    return true;
}

Result<void> LineReader::skip_bom() {
    if (started_) return {};
    started_ = true;
    while (end_ < kBom.size()) {
        const auto got = more();
        if (!got) return got.error();
        if (!*got) break;
    }
    if (std::string_view(buffer_.get(), end_).starts_with(kBom)) begin_ = offset_ = kBom.size();
    return {};
}

/// Reads one more piece behind what is there; false at the end of the file.
Result<bool> LineReader::more() {
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
    if (have > capacity_ / 2) resize(capacity_ * 2);
}

}  // namespace batchd::jsonl
