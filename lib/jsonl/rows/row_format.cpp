#include "jsonl/rows/row_format.hpp"

#include <cstring>

#include <sys/stat.h>
#include <boost/endian/conversion.hpp>

namespace batchd::jsonl::row_format {
namespace {

void put(char* at, std::uint64_t number) {
    // With the same bytes on every machine: a state directory may move to another one.
    boost::endian::native_to_little_inplace(number);
    // Copied, for a row in a buffer need not stand at an aligned address.
    std::memcpy(at, &number, sizeof number);
}

std::uint64_t get(const char* at) {
    std::uint64_t number;
    std::memcpy(&number, at, sizeof number);
    return boost::endian::little_to_native(number);
}

Result<std::uint64_t> size_of(int fd, const Path& path) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return system_failure("look at " + path.string());
    return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace

Path index_path(const Path& path) {
    Path index = path;
    index += ".rows";
    return index;
}

std::array<char, kRowBytes> encode(const RowRef& row) {
    std::array<char, kRowBytes> bytes;
    put(bytes.data(), row.line_number);
    put(bytes.data() + 8, row.offset);
    put(bytes.data() + 16, row.size);
    put(bytes.data() + 24, row.id[0]);
    put(bytes.data() + 32, row.id[1]);
    return bytes;
}

RowRef decode_row(const char* bytes) {
    return {get(bytes), get(bytes + 8), get(bytes + 16), {get(bytes + 24), get(bytes + 32)}};
}

std::array<char, kFootBytes> encode(const Foot& foot) {
    std::array<char, kFootBytes> bytes;
    put(bytes.data(), foot.count);
    put(bytes.data() + 8, foot.text_bytes);
    kTail.copy(bytes.data() + 16, kTail.size());
    return bytes;
}

Result<Foot> check_frame(int index_fd, int text_fd, const Path& path) {
    const auto bad = [&](std::string what) {
        return error(Errc::corrupt, index_path(path).string() + " " + what);
    };
    const auto size = size_of(index_fd, path);
    if (!size) return size.error();
    const auto text_size = size_of(text_fd, path);
    if (!text_size) return text_size.error();
    if (*size < kHead.size() + kFootBytes) return bad("is cut off");

    char head[kHead.size()];
    if (auto read = read_exactly_at(index_fd, head, sizeof head, 0); !read) return read.error();
    if (std::string_view(head, sizeof head) != kHead) return bad("is no row index of this version");
    char tail[kFootBytes];
    if (auto read = read_exactly_at(index_fd, tail, sizeof tail, *size - sizeof tail); !read)
        return read.error();
    // The mark at the end is written last, so a file that was cut off anywhere has none.
    if (std::string_view(tail + 16, kTail.size()) != kTail) return bad("is cut off");

    const Foot foot{get(tail), get(tail + 8)};
    // The sizes were compared above, so this can't wrap around.
    const std::uint64_t rows_bytes = *size - kHead.size() - kFootBytes;
    if (rows_bytes % kRowBytes != 0 || rows_bytes / kRowBytes != foot.count)
        return bad("has not the rows that it should");
    // An index of another file, or a text that somebody wrote to: nothing in it would be where the index
    // says.
    if (foot.text_bytes != *text_size)
        return error(Errc::corrupt, path.string() + " has " + std::to_string(*text_size) +
                                        " bytes, its index says " + std::to_string(foot.text_bytes));
    return foot;
}

Result<void> Sequence::check(const RowRef& row, const Path& path) {
    if (row.line_number <= line_number_)
        return error(Errc::corrupt, path.string() + ": line " + std::to_string(row.line_number) +
                                        " stands behind line " + std::to_string(line_number_));
    // No sum of sizes can wrap around: each is compared with what the one before left.
    if (row.offset != offset_ || row.size >= UINT64_MAX - offset_)
        return error(Errc::corrupt, path.string() + ": line " + std::to_string(row.line_number) +
                                        " is not at byte " + std::to_string(offset_));
    line_number_ = row.line_number;
    offset_ += row.size + 1;
    return {};
}

}  // namespace batchd::jsonl::row_format
