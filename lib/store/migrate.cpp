#include "store/migrate.hpp"

#include <array>
#include <string>

namespace batchd::store {
namespace {

/// From version N to N + 1, N from 1 on. schema.sql is what they lead to; a test compares.
constexpr std::array<const char*, kSchemaVersion - 1> kSteps{
    "ALTER TABLE jobs ADD COLUMN recovered_at TEXT",
    "CREATE INDEX batches_to_submit ON batches (id) WHERE phase IN ('planned', 'uploading', 'uploaded', "
    "'creating');"
    "CREATE INDEX commands_job ON commands (job_id)",
};

Result<std::int64_t> pragma(Database& database, const char* sql) {
    auto statement = Statement::prepare(database.handle(), sql);
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    return *row ? statement->integer() : 0;
}

Result<void> create_newest(Database& database) {
    return database.transact([&]() -> Result<void> {
        if (auto made = database.execute(kSchemaSql); !made) return made;
        const std::string marks = "PRAGMA user_version = " + std::to_string(kSchemaVersion) +
                                  "; PRAGMA application_id = " + std::to_string(kApplicationId);
        return database.execute(marks.c_str());
    });
}

/// What is read before anything is changed. Answers the version.
Result<std::int64_t> known_version(Database& database) {
    const auto application = pragma(database, "PRAGMA application_id");
    if (!application) return application.error();
    if (*application != kApplicationId) return error(Errc::illegal, "this is not a database of batchd");
    return pragma(database, "PRAGMA user_version");
}

Error wrong_version(std::int64_t version) {
    return error(Errc::illegal, "its schema has version " + std::to_string(version) +
                                    ", this batchd works with " + std::to_string(kSchemaVersion) +
                                    (version > kSchemaVersion ? "; run the newer batchd again" : ""));
}

Result<void> take_steps(Database& database, std::int64_t from) {
    return database.transact([&]() -> Result<void> {
        for (auto version = static_cast<std::size_t>(from); version < kSchemaVersion; ++version)
            if (auto taken = database.execute(kSteps[version - 1]); !taken) return taken;
        return database.execute(("PRAGMA user_version = " + std::to_string(kSchemaVersion)).c_str());
    });
}

Result<bool> is_empty(Database& database) {
    const auto tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    return *tables == 0;
}

Result<bool> is_small(Database& database) {
    const auto pages = pragma(database, "PRAGMA page_count");
    if (!pages) return pages.error();
    const auto page_bytes = pragma(database, "PRAGMA page_size");
    if (!page_bytes) return page_bytes.error();
    return static_cast<std::uint64_t>(*pages * *page_bytes) <= kCheckedWhenOpenedMax;
}

}  // namespace

Result<void> expect_sound(Database& database) {
    auto statement = Statement::prepare(database.handle(), "PRAGMA quick_check(1)");
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    const std::string verdict = statement->text();
    if (verdict == "ok") return {};
    return error(Errc::corrupt, "the database is damaged (" + verdict + "); batchd does not run on it");
}

Result<void> expect_newest_schema(Database& database) {
    const auto version = known_version(database);
    if (!version) return version.error();
    if (*version != kSchemaVersion) return wrong_version(*version);
    return {};
}

Result<void> migrate(Database& database) {
    const auto empty = is_empty(database);
    if (!empty) return empty.error();
    if (*empty) return create_newest(database);
    const auto version = known_version(database);
    if (!version) return version.error();
    if (*version < 1 || *version > kSchemaVersion) return wrong_version(*version);
    const auto small = is_small(database);
    if (!small) return small.error();
    if (*small || *version != kSchemaVersion)
        if (auto sound = expect_sound(database); !sound) return sound;
    return *version == kSchemaVersion ? Result<void>() : take_steps(database, *version);
}

}  // namespace batchd::store
