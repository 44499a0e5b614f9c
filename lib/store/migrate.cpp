#include "store/migrate.hpp"

#include <string>

namespace batchd::store {
namespace {

Result<std::int64_t> pragma(Database& database, const char* sql) {
    auto statement = Statement::prepare(database.handle(), sql);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? statement->integer() : 0;
}

Result<void> expect_sound(Database& database) {
    auto statement = Statement::prepare(database.handle(), "PRAGMA quick_check(1)");
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    const std::string verdict = statement->text();
    if (verdict == "ok") return {};
    return error(Errc::corrupt, "the database is damaged (" + verdict + "); batchd does not run on it");
}

Result<void> create_newest(Database& database) {
    return database.transact([&]() -> Result<void> {
        if (auto made = database.execute(kSchemaSql); !made) return made;
        const std::string marks = "PRAGMA user_version = " + std::to_string(kSchemaVersion) +
                                  "; PRAGMA application_id = " + std::to_string(kApplicationId);
        return database.execute(marks.c_str());
    });
}

Result<bool> is_empty(Database& database) {
    const auto tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    return *tables == 0;
}

}  // namespace

Result<void> expect_newest_schema(Database& database) {
    const auto application = pragma(database, "PRAGMA application_id");
    if (!application) return application.error();
    if (*application != kApplicationId) return error(Errc::illegal, "this is not a database of batchd");
    const auto version = pragma(database, "PRAGMA user_version");
    if (!version) return version.error();
    if (*version == kSchemaVersion) return {};
    return error(Errc::illegal, "its schema has version " + std::to_string(*version) +
                                    ", this batchd works with " + std::to_string(kSchemaVersion) +
                                    (*version > kSchemaVersion ? "; run the newer batchd again" : ""));
}

Result<void> migrate(Database& database) {
    const auto empty = is_empty(database);
    if (!empty) return empty.error();
    if (*empty) return create_newest(database);
    if (auto known = expect_newest_schema(database); !known) return known;
    return expect_sound(database);
}

}  // namespace batchd::store
