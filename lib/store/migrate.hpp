#pragma once

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace batchd::store {

/// The text of schema.sql: version kSchemaVersion. Made at build time out of the file, so that both are one.
extern const char* const kSchemaSql;

/// `PRAGMA user_version` of a database that this batchd works with.
inline constexpr int kSchemaVersion = 5;

/// Marks the file as batchd's (`PRAGMA application_id`), so that another program's database is refused:
/// "btch".
inline constexpr int kApplicationId = 0x62746368;

/// Brings the database to kSchemaVersion, step by step, in one transaction: a crash leaves it as it was. Of
/// one that is there already, views and triggers whose text is another now are made anew.
/// A database that was brought up to date reads in `.schema` as a new one does, comments included. Views that
/// people made stay, but for one with a name that a table or view of ours has now.
/// Errors: illegal for a newer schema; corrupt for another program's database; what expect_sound() says,
/// which is asked of small databases, and of any before and after its steps.
Result<void> migrate(Database& database);

/// Errors: illegal when the database is not at kSchemaVersion; corrupt when it is not batchd's.
Result<void> expect_newest_schema(Database& database);

}  // namespace batchd::store
