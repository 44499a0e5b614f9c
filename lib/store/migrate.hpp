#pragma once

#include "base/result.hpp"
#include "store/database.hpp"

namespace batchd::store {

/// The text of schema.sql: version kSchemaVersion.
extern const char* const kSchemaSql;

/// `PRAGMA user_version` of a database that this batchd works with.
inline constexpr int kSchemaVersion = 4;

/// Marks the file as batchd's (`PRAGMA application_id`), so that another program's database is refused:
/// "btch".
inline constexpr int kApplicationId = 0x62746368;

/// A check takes about 5 ms a megabyte. A database larger than this is not checked when it is opened, for a
/// start would have to wait for it, but by Database::check().
inline constexpr std::uint64_t kCheckedWhenOpenedMax = 16'000'000;

/// True when migrate() checks the database, for it is small.
Result<bool> is_checked_when_opened(Database& database);

/// Brings the database to kSchemaVersion, step by step, in one transaction: a crash leaves it as it was.
/// A database that was brought up to date reads in `.schema` as a new one does, comments included. Views that
/// people made stay, but for one with a name that a table or view of ours has now.
/// Errors: illegal for a newer schema or another program's database; corrupt when SQLite's quick check, made
/// of small databases and before any step, finds damage.
Result<void> migrate(Database& database);

/// Errors: corrupt when SQLite's quick check finds damage.
Result<void> expect_sound(Database& database);

/// Errors: illegal when the database is not at kSchemaVersion.
Result<void> expect_newest_schema(Database& database);

}  // namespace batchd::store
