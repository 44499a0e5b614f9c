#pragma once

#include <cstdint>
#include <optional>

#include "base/disk/file.hpp"
#include "base/result.hpp"
#include "money/price/price_table.hpp"

namespace batchd::money {

inline constexpr std::uint64_t kPriceFileBytesMax = 64'000'000;

/// What differs when a path leads to another content than before: another file, or the same one written to.
/// Times are nanoseconds since 1970.
struct PriceFileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size_bytes = 0;
    std::int64_t mtime_ns = 0;
    std::int64_t ctime_ns = 0;

    friend bool operator==(const PriceFileStamp&, const PriceFileStamp&) = default;
};

/// Follows symbolic links. Errors: errno, with the path.
Result<PriceFileStamp> price_file_stamp(const Path& path);

/// Reads the file with memory for the table and one block. Blocks. Errors, each with the path: errno;
/// bad_input where it is no file or read_prices() refuses it; too_large above kPriceFileBytesMax; changed
/// when somebody wrote to it meanwhile, and what was read may be half of either.
Result<PriceReading> read_price_file(const Path& path);

/// When a price file is to be read: at first, and when it looks different. Whatever comes of it, the table
/// that was read last stays in force until a better one is read; a file that was refused is not read and
/// complained of again before it has changed.
class PricesWatch {
public:
    enum class Step {
        nothing,
        read,
        missing,  ///< it is not there (any more): to be said, once
    };
    /// `now` is the stamp of this moment, or none where there is no file.
    Step look(const std::optional<PriceFileStamp>& now);

private:
    bool looked_ = false;
    std::optional<PriceFileStamp> seen_;
};

}  // namespace batchd::money
