#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace batchd::web {

/// What of a file is asked for.
struct Range {
    enum class Kind {
        all,           ///< 200
        part,          ///< 206
        out_of_bounds  ///< 416
    };
    Kind kind = Kind::all;
    std::uint64_t first = 0;
    std::uint64_t size = 0;

    friend bool operator==(const Range&, const Range&) = default;
};

/// Reads the header Range for a file of `size` bytes. One that can't be understood, or that asks for several
/// parts, is answered with all of it. Source: RFC 9110, 14.
Range parse_range(std::string_view header, std::uint64_t size);

/// What of `wanted` lies in the `size` bytes that begin at `at`, counted from there; of size 0 where nothing
/// does.
Range overlap(const Range& wanted, std::uint64_t at, std::uint64_t size);

}  // namespace batchd::web
