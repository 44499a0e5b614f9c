#include "money/price_file/prices_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <vector>

#include "money/price_file/price_reader.hpp"

namespace batchd::money {
namespace {

constexpr std::size_t kBlockBytes = 256 * 1024;

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

PriceFileStamp to_stamp(const struct stat& status) {
    return {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
            // Both times: a tool may put the one of its content back, and not the other.
            nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

Result<struct stat> status_of(int fd) {
    struct stat status{};
    if (::fstat(fd, &status) != 0) return system_failure("fstat");
    return status;
}

Result<PriceReading> read_all(int fd) {
    PriceReader reader;
    std::vector<char> block(kBlockBytes);
    for (std::uint64_t total = 0;;) {
        const auto got = read_some(fd, block.data(), block.size());
        if (!got) return got.error();
        if (*got == 0) return reader.finish();
        // A file that grows under the reader is bounded as well.
        if ((total += *got) > kPriceFileBytesMax)
            return error(Errc::too_large, "more than 64 MB are no price file");
        if (const auto written = reader.write({block.data(), *got}); !written) return written.error();
    }
}

Result<PriceReading> read_unchanged(int fd) {
    const auto before = status_of(fd);
    if (!before) return before.error();
    if (!S_ISREG(before->st_mode)) return error(Errc::bad_input, "it is no regular file");
    if (to_stamp(*before).size_bytes > kPriceFileBytesMax)
        return error(Errc::too_large, "more than 64 MB are no price file");
    auto reading = read_all(fd);
    const auto after = status_of(fd);
    if (!after) return after.error();
    // Said before what is wrong with the content, which is that of no moment.
    if (to_stamp(*before) != to_stamp(*after)) return error(Errc::changed, "it is being written to");
    return reading;
}

}  // namespace

Result<PriceFileStamp> price_file_stamp(const Path& path) {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return system_failure(path.string());
    return to_stamp(status);
}

Result<PriceReading> read_price_file(const Path& path) {
    // Without O_NONBLOCK the opening of a FIFO waits for somebody who writes to it.
    const auto fd = open_file(path, O_RDONLY | O_NONBLOCK);
    if (!fd) return fd.error();
    auto reading = read_unchanged(fd->get());
    if (!reading) return within(path.string(), reading.error());
    return reading;
}

PricesWatch::Step PricesWatch::look(const std::optional<PriceFileStamp>& now) {
    if (looked_ && now == seen_) return Step::nothing;
    looked_ = true;
    seen_ = now;
    return now ? Step::read : Step::missing;
}

}  // namespace batchd::money
