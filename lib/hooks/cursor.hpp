#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "base/result.hpp"

namespace batchd::hooks {

/// How far a command has been run, in a file of its own: "AFTER FAILED\n" and, where they are known, "KEY
/// TIME\n".
struct Cursor {
    std::int64_t after = 0;         ///< notices up to this one are done with
    unsigned failed = 0;            ///< how often the next of them has failed
    std::string key{};              ///< of the notice `after`: in another database it has another one
    std::optional<TimePoint> at{};  ///< when that became true

    friend bool operator==(const Cursor&, const Cursor&) = default;
};

/// Nothing where there is no file yet. One without a time was saved by an earlier version: it has that of the
/// file, at which the notice had become true already. Errors: errno; corrupt for a file that holds something
/// else.
Result<std::optional<Cursor>> load_cursor(const Path& file);
/// Whole and durable. Errors: errno.
Result<void> save_cursor(const Path& file, const Cursor& cursor);

}  // namespace batchd::hooks
