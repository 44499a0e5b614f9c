#include "store/migrate.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <vector>

#include <sqlite3.h>

#include "store/sqlite/rows.hpp"
#include "store/sqlite/soundness.hpp"

namespace batchd::store {
namespace {

/// All rows of a query. Not through Database::query: what runs once in a start need not stay prepared for as
/// long as the daemon lives.
template <class Row, class... Values>
Result<std::vector<Row>> query_once(Database& database, const char* sql, const Values&... values) {
    auto statement = Statement::prepare(database.handle(), sql);
    if (!statement) return statement.error();
    (statement->bind(values), ...);
    return read_rows<Row>(*statement);
}

Result<std::int64_t> number(Database& database, const char* sql) {
    const auto rows = query_once<std::int64_t>(database, sql);
    if (!rows) return rows.error();
    return rows->empty() ? 0 : rows->front();
}

/// In one transaction with its marks: a crash leaves an empty file, which is begun anew.
Result<void> create_newest(Database& database) {
    return database.transact([&]() -> Result<void> {
        if (auto made = database.execute(kSchemaSql); !made) return made;
        const std::string marks = "PRAGMA user_version = " + std::to_string(kSchemaVersion) +
                                  "; PRAGMA application_id = " + std::to_string(kApplicationId);
        return database.execute(marks.c_str());
    });
}

Result<bool> is_empty(Database& database) {
    const auto tables = number(database, "SELECT count(*) FROM sqlite_schema");
    if (!tables) return tables.error();
    return *tables == 0;
}

/// Step N leads from version N + 1 to N + 2. It adds columns only: tables, indexes, triggers and views are
/// made from schema.sql by make_like(), so that each is written down once. A step that was released is never
/// changed. SQLite adds a column without touching a row, so that even years of jobs take a moment.
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
    "ALTER TABLE batches ADD COLUMN deadline_at TEXT;"
    "ALTER TABLE batches ADD COLUMN outcome TEXT;"
    "ALTER TABLE batches ADD COLUMN base_url TEXT;"
    "ALTER TABLE batches ADD COLUMN account TEXT;"
    "ALTER TABLE batches ADD COLUMN doubts INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN answered_at TEXT;"
    "ALTER TABLE batches ADD COLUMN answered_with TEXT;"
    "ALTER TABLE batches ADD COLUMN missing_since TEXT;"
    "ALTER TABLE batches ADD COLUMN held_since TEXT;"
    "ALTER TABLE batches ADD COLUMN held TEXT;"
    "ALTER TABLE batches ADD COLUMN recognised INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE commands ADD COLUMN argument TEXT;"
    "ALTER TABLE commands ADD COLUMN user TEXT;"
    "ALTER TABLE events ADD COLUMN user TEXT;"
    "ALTER TABLE events ADD COLUMN queue TEXT;"
    "ALTER TABLE jobs ADD COLUMN queue TEXT NOT NULL DEFAULT 'default';"
    "ALTER TABLE jobs ADD COLUMN provider TEXT NOT NULL DEFAULT 'default';"
    "ALTER TABLE jobs ADD COLUMN terms TEXT;"
    "ALTER TABLE jobs ADD COLUMN waits INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN not_before TEXT;"
    "ALTER TABLE batches ADD COLUMN provider TEXT NOT NULL DEFAULT 'default';"
    "ALTER TABLE jobs ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN cost INTEGER;"
    "ALTER TABLE jobs ADD COLUMN cost_sync INTEGER;"
    "ALTER TABLE jobs ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE jobs ADD COLUMN waits_for TEXT;"
    "ALTER TABLE jobs ADD COLUMN asks TEXT;"
    "ALTER TABLE jobs ADD COLUMN estimated_cost INTEGER;"
    "ALTER TABLE jobs ADD COLUMN released_at TEXT;"
    "ALTER TABLE jobs ADD COLUMN chained_from INTEGER;"
    "ALTER TABLE commands ADD COLUMN over_budget INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN cached_tokens INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN reasoning_tokens INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN cost INTEGER;"
    "ALTER TABLE batches ADD COLUMN cost_sync INTEGER;"
    "ALTER TABLE batches ADD COLUMN unpriced INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN prices TEXT;"
    "ALTER TABLE batches ADD COLUMN told_usage TEXT;"
    "ALTER TABLE batches ADD COLUMN possibly_repeated INTEGER NOT NULL DEFAULT 0;"
    // Made here where the first step of all did not have it.
    "CREATE TABLE IF NOT EXISTS unused_files (file_id TEXT PRIMARY KEY, at TEXT NOT NULL, job_id INTEGER,"
    " why TEXT NOT NULL) STRICT;"
    "ALTER TABLE unused_files ADD COLUMN provider TEXT NOT NULL DEFAULT 'default';"
    "ALTER TABLE batches ADD COLUMN bundle TEXT;"
    "ALTER TABLE batches ADD COLUMN share TEXT;"
    "ALTER TABLE batches ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE batches ADD COLUMN cleaned_at TEXT;"
    // Made anew from schema.sql, whose name it has from the start.
    "DROP INDEX IF EXISTS batches_to_submit;"
    // As in schema.sql: it is filled here, and that is before tables are made from there.
    "CREATE TABLE parts (batch INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE ON UPDATE CASCADE,"
    " job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, shard INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL, requests INTEGER NOT NULL, first_row INTEGER NOT NULL DEFAULT 0,"
    " last_row INTEGER NOT NULL DEFAULT 0, left_at TEXT, completed INTEGER NOT NULL DEFAULT 0,"
    " failed INTEGER NOT NULL DEFAULT 0, lost INTEGER NOT NULL DEFAULT 0,"
    " input_tokens INTEGER NOT NULL DEFAULT 0, output_tokens INTEGER NOT NULL DEFAULT 0,"
    " cached_tokens INTEGER NOT NULL DEFAULT 0, reasoning_tokens INTEGER NOT NULL DEFAULT 0, cost INTEGER,"
    " cost_sync INTEGER, unpriced INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (batch, job_id, shard))"
    " STRICT, WITHOUT ROWID;"
    "INSERT INTO parts (batch, job_id, shard, attempt, requests, completed, failed, input_tokens,"
    " output_tokens) SELECT id, job_id, shard, attempt, requests,"
    " iif(phase = 'collected', completed, 0), iif(phase = 'collected', failed, 0), input_tokens,"
    " output_tokens FROM batches;"
    // Until then our own verdict stood in `status`, where the provider's word belongs.
    "UPDATE batches SET outcome = CASE"
    " WHEN status IN ('refused', 'too_large', 'gone') THEN status"
    " WHEN batch_id IS NULL THEN 'withdrawn' ELSE 'ended' END"
    " WHERE phase IN ('ended', 'collected')",
    // It has new tables and indexes, which make_like() makes; jobs_by_size stands for this one, too.
    "DROP INDEX IF EXISTS jobs_claimed;"
    "ALTER TABLE jobs ADD COLUMN release_asked TEXT",
};
static_assert(kSteps.size() + 1 == kSchemaVersion);

/// Something that the schema defines.
struct SchemaObject {
    std::string type, name, sql;
};

auto columns_of(SchemaObject& object) {
    return std::tie(object.type, object.name, object.sql);
}

/// It holds no data, and is what its text says.
bool is_text(const SchemaObject& object) {
    return object.type == "view" || object.type == "trigger";
}

Result<std::vector<SchemaObject>> objects_of(Database& database) {
    // Indexes that SQLite makes by itself, for UNIQUE, have no text. The order is that in which they were
    // made, so that each comes after what it refers to.
    return query_once<SchemaObject>(
        database, "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid");
}

/// Views and triggers hold no data: ours go, and are made anew with the rest. Those that people made stay,
/// whether they still fit or not. Every name that one of ours ever had is one of `wanted` still.
Result<void> drop_our_views(Database& database, const std::vector<SchemaObject>& wanted) {
    const auto old = objects_of(database);
    if (!old) return old.error();
    for (const SchemaObject& object : *old) {
        const auto has_its_name = [&](const SchemaObject& other) {
            return sqlite3_stricmp(other.name.c_str(), object.name.c_str()) == 0;
        };
        if (!is_text(object) || std::none_of(wanted.begin(), wanted.end(), has_its_name)) continue;
        const std::string drop =
            (object.type == "view" ? "DROP VIEW \"" : "DROP TRIGGER \"") + object.name + "\"";
        if (auto dropped = database.execute(drop.c_str()); !dropped) return dropped;
    }
    return {};
}

Result<bool> has(Database& database, const std::string& name) {
    const auto found = query_once<std::int64_t>(database, "SELECT 1 FROM sqlite_schema WHERE name = ?", name);
    if (!found) return found.error();
    return !found->empty();
}

/// Replaces the text of a table's definition by one that means the same, for the sake of its comments.
/// Source: https://www.sqlite.org/lang_altertable.html, section 7.
Result<void> replace_text(Database& database, const SchemaObject& object) {
    const auto done = query_once<std::int64_t>(
        database, "UPDATE sqlite_schema SET sql = ? WHERE type = 'table' AND name = ?", object.sql,
        object.name);
    if (!done) return done.error();
    return {};
}

/// What is missing is made, and views and triggers are made anew.
Result<void> make_again(Database& database, const std::vector<SchemaObject>& wanted) {
    if (auto dropped = drop_our_views(database, wanted); !dropped) return dropped;
    for (const SchemaObject& object : wanted) {
        const auto there = has(database, object.name);
        if (!there) return there.error();
        if (!*there)
            if (auto made = database.execute(object.sql.c_str()); !made) return made;
    }
    return {};
}

Result<void> make_like(Database& database, const std::vector<SchemaObject>& wanted) {
    if (auto made = make_again(database, wanted); !made) return made;
    // ALTER TABLE puts a new column behind the others and without its comment. Readers know the schema by its
    // comments, so the text that SQLite keeps is replaced. RESET has it read again.
    if (auto may = database.execute("PRAGMA writable_schema = ON"); !may) return may;
    for (const SchemaObject& object : wanted)
        if (object.type == "table")
            if (auto replaced = replace_text(database, object); !replaced) return replaced;
    return database.execute("PRAGMA writable_schema = RESET");
}

/// What a database shall be like is made and asked for, instead of reading SQL ourselves.
Result<std::vector<SchemaObject>> newest_objects() {
    auto newest = Database::open(":memory:", OpenMode::read_write);
    if (!newest) return newest.error();
    return objects_of(*newest);
}

/// A view or trigger that was changed needs no new version: the older text has no part in what is on record.
Result<void> renew_views(Database& database) {
    const auto wanted = newest_objects();
    if (!wanted) return wanted.error();
    const auto there = objects_of(database);
    if (!there) return there.error();
    const bool is_new = std::all_of(wanted->begin(), wanted->end(), [&](const SchemaObject& object) {
        return !is_text(object) || std::any_of(there->begin(), there->end(), [&](const SchemaObject& other) {
            return other.name == object.name && other.sql == object.sql;
        });
    });
    return is_new ? Result<void>() : database.transact([&] { return make_again(database, *wanted); });
}

Result<void> upgrade(Database& database, std::int64_t version) {
    const auto wanted = newest_objects();
    if (!wanted) return wanted.error();
    return database.transact([&]() -> Result<void> {
        for (auto step = static_cast<std::size_t>(version - 1); step < kSteps.size(); ++step)
            if (auto done = database.execute(kSteps[step]); !done) return done;
        if (auto made = make_like(database, *wanted); !made) return made;
        // The last moment to notice that a step made something of it that SQLite can't read: not committed
        // yet.
        if (auto sound = expect_sound(database); !sound) return sound;
        const std::string mark = "PRAGMA user_version = " + std::to_string(kSchemaVersion);
        return database.execute(mark.c_str());
    });
}

/// Errors: corrupt when it is not batchd's: what stood in its place is lost, as where a file is no database.
Result<std::int64_t> version_of(Database& database) {
    const auto application = number(database, "PRAGMA application_id");
    if (!application) return application.error();
    if (*application != kApplicationId) return error(Errc::corrupt, "this is not a database of batchd");
    return number(database, "PRAGMA user_version");
}

/// An older one is told of the daemon, for who may only read can't bring it up to date.
Error wrong_version(std::int64_t version) {
    return error(Errc::illegal, "its schema has version " + std::to_string(version) +
                                    ", this batchd works with " + std::to_string(kSchemaVersion) +
                                    (version > kSchemaVersion
                                         ? "; run the newer batchd again"
                                         : "; the daemon brings it up to date when it is started next"));
}

}  // namespace

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
    return *version == kSchemaVersion ? renew_views(database) : upgrade(database, *version);
}

}  // namespace batchd::store
