#include "store/migrate.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <sqlite3.h>

#include "store/rows.hpp"

namespace batchd::store {
namespace {

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

Result<bool> is_empty(Database& database) {
    const auto tables = pragma(database, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    return *tables == 0;
}

/// From version N + 1 to N + 2, the columns only; the rest of what is new is in schema.sql.
constexpr std::array kSteps{
    "ALTER TABLE jobs ADD COLUMN recovered_at TEXT",
    "ALTER TABLE jobs ADD COLUMN cancel_asked_at TEXT;"
    "ALTER TABLE jobs ADD COLUMN retry_of INTEGER;"
    "ALTER TABLE batches ADD COLUMN cancel_sent_at TEXT;"
    "ALTER TABLE commands ADD COLUMN ok INTEGER;"
    "ALTER TABLE commands ADD COLUMN job_key TEXT;"
    "ALTER TABLE batches ADD COLUMN repeat_of TEXT;"
    "ALTER TABLE batches ADD COLUMN twins_until TEXT;"
    "ALTER TABLE batches ADD COLUMN status_since TEXT;"
    "ALTER TABLE batches ADD COLUMN overdue_at TEXT",
    "ALTER TABLE jobs ADD COLUMN input_changed INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN input_stamp TEXT;"
    "ALTER TABLE batches ADD COLUMN outcome TEXT;"
    "ALTER TABLE batches ADD COLUMN base_url TEXT;"
    "ALTER TABLE batches ADD COLUMN account TEXT;"
    "ALTER TABLE batches ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN answered_at TEXT;"
    "ALTER TABLE batches ADD COLUMN missing_since TEXT;"
    "ALTER TABLE batches ADD COLUMN held_since TEXT;"
    "ALTER TABLE batches ADD COLUMN held TEXT;"
    "ALTER TABLE batches ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE commands ADD COLUMN argument TEXT;"
    // What was said by a word in `status` until now.
    "UPDATE batches SET outcome = CASE"
    " WHEN status IN ('refused', 'too_large', 'gone') THEN status"
    " WHEN batch_id IS NULL THEN 'withdrawn' ELSE 'ended' END"
    " WHERE phase IN ('ended', 'collected')",
};
static_assert(kSteps.size() + 1 == kSchemaVersion);

/// Something that the schema defines.
struct SchemaObject {
    std::string type, name, sql;
};

Result<std::vector<SchemaObject>> objects_of(Database& database) {
    auto statement = Statement::prepare(
        database.handle(), "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
    if (!statement) return statement.error();
    std::vector<SchemaObject> objects;
    auto read = for_each_row(*statement, [&](Statement& row) {
        SchemaObject object;
        object.type = row.text();
        object.name = row.text();
        object.sql = row.text();
        objects.push_back(std::move(object));
    });
    if (!read) return read.error();
    return objects;
}

/// Views hold no data: ours go, and are made anew with the rest. Those that people made stay, whether they
/// still fit or not. Every name that a view of ours ever had is one of `wanted` still.
Result<void> drop_our_views(Database& database, const std::vector<SchemaObject>& wanted) {
    const auto old = objects_of(database);
    if (!old) return old.error();
    for (const SchemaObject& object : *old) {
        const auto has_its_name = [&](const SchemaObject& other) {
            return sqlite3_stricmp(other.name.c_str(), object.name.c_str()) == 0;
        };
        if (object.type != "view" || std::none_of(wanted.begin(), wanted.end(), has_its_name)) continue;
        if (auto dropped = database.execute(("DROP VIEW \"" + object.name + "\"").c_str()); !dropped)
            return dropped;
    }
    return {};
}

Result<bool> has(Database& database, const std::string& name) {
    auto statement =
        Statement::prepare(database.handle(), "SELECT count(*) FROM sqlite_schema WHERE name = ?");
    if (!statement) return statement.error();
    const auto row = statement->bind(std::string_view(name)).step();
    if (!row) return row.error();
    return statement->integer() > 0;
}

/// Replaces the text of a table's definition by one that means the same, for the sake of its comments.
/// Source: https://www.sqlite.org/lang_altertable.html, section 7.
Result<void> replace_text(Database& database, const SchemaObject& object) {
    auto statement = Statement::prepare(database.handle(),
                                        "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?");
    if (!statement) return statement.error();
    return statement->bind(std::string_view(object.sql)).bind(std::string_view(object.name)).run();
}

Result<void> make_like(Database& database, const std::vector<SchemaObject>& wanted) {
    if (auto dropped = drop_our_views(database, wanted); !dropped) return dropped;
    for (const SchemaObject& object : wanted) {
        const auto there = has(database, object.name);
        if (!there) return there.error();
        if (!*there)
            if (auto made = database.execute(object.sql.c_str()); !made) return made;
    }
    if (auto may = database.execute("PRAGMA writable_schema = ON"); !may) return may;
    for (const SchemaObject& object : wanted)
        if (object.type == "table")
            if (auto replaced = replace_text(database, object); !replaced) return replaced;
    return database.execute("PRAGMA writable_schema = RESET");
}

Result<void> upgrade(Database& database, std::int64_t version) {
    auto newest = Database::open(":memory:", OpenMode::read_write);
    if (!newest) return newest.error();
    const auto wanted = objects_of(*newest);
    if (!wanted) return wanted.error();
    return database.transact([&]() -> Result<void> {
        for (auto step = static_cast<std::size_t>(version - 1); step < kSteps.size(); ++step)
            if (auto done = database.execute(kSteps[step]); !done) return done;
        if (auto made = make_like(database, *wanted); !made) return made;
        if (auto sound = expect_sound(database); !sound) return sound;
        const std::string mark = "PRAGMA user_version = " + std::to_string(kSchemaVersion);
        return database.execute(mark.c_str());
    });
}

/// Errors: illegal when it is not batchd's.
Result<std::int64_t> version_of(Database& database) {
    const auto application = pragma(database, "PRAGMA application_id");
    if (!application) return application.error();
    if (*application != kApplicationId) return error(Errc::illegal, "this is not a database of batchd");
    return pragma(database, "PRAGMA user_version");
}

Error wrong_version(std::int64_t version) {
    return error(Errc::illegal, "its schema has version " + std::to_string(version) +
                                    ", this batchd works with " + std::to_string(kSchemaVersion) +
                                    (version > kSchemaVersion
                                         ? "; run the newer batchd again"
                                         : "; the daemon brings it up to date when it is started next"));
}

}  // namespace

Result<bool> is_checked_when_opened(Database& database) {
    const auto pages = pragma(database, "PRAGMA page_count");
    if (!pages) return pages.error();
    const auto page_bytes = pragma(database, "PRAGMA page_size");
    if (!page_bytes) return page_bytes.error();
    return static_cast<std::uint64_t>(*pages * *page_bytes) <= kCheckedWhenOpenedMax;
}

Result<void> expect_sound(Database& database) {
    auto statement = Statement::prepare(database.handle(), "PRAGMA quick_check(1)");
    if (!statement) return statement.error();
    const auto row = statement->step();
    if (!row) return row.error();
    const std::string verdict = statement->text();
    if (verdict == "ok") return {};
    return damage_found(database.handle(), verdict);
}

Result<void> expect_newest_schema(Database& database) {
    const auto version = version_of(database);
    if (!version) return version.error();
    if (*version != kSchemaVersion) return wrong_version(*version);
    return {};
}

Result<void> migrate(Database& database) {
    const auto empty = is_empty(database);
    if (!empty) return empty.error();
    if (*empty) return create_newest(database);
    const auto version = version_of(database);
    if (!version) return version.error();
    if (*version < 1 || *version > kSchemaVersion) return wrong_version(*version);
    const auto check_now = is_checked_when_opened(database);
    if (!check_now) return check_now.error();
    if (*check_now || *version != kSchemaVersion)
        if (auto sound = expect_sound(database); !sound) return sound;
    return *version == kSchemaVersion ? Result<void>() : upgrade(database, *version);
}

}  // namespace batchd::store
