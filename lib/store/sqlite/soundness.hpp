#pragma once

#include <cstdint>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

/// Looking for damage in a database before anything is decided by what it says.
namespace batchd::store {

/// A check takes about 5 ms a megabyte. A database larger than this is not checked when it is opened, for a
/// start would have to wait for it, but by Database::check().
inline constexpr std::uint64_t kCheckedWhenOpenedMax = 16'000'000;

/// True when migrate() checks the database, for it is small.
Result<bool> is_checked_when_opened(Database& database);

/// Errors: corrupt when SQLite's quick check finds damage; SQLITE_IOERR_* where the disk could not be read.
Result<void> expect_sound(Database& database);

}  // namespace batchd::store
