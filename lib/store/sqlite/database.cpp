#include "store/sqlite/database.hpp"

#include <utility>

#include <sqlite3.h>

#include "store/migrate.hpp"
#include "store/sqlite/soundness.hpp"
#include "store/sqlite/sqlite_error.hpp"

namespace batchd::store {

/// SQLite's own automatic checkpoint starts the log anew only where no reader happens to look at it, which
/// readers one after the other can prevent for ever. So once the log is long it is emptied with the busy
/// timeout's patience, in which new readers can't get in the way; and where that fails, for one has an open
/// transaction, only tried again when it has grown by as much again.
struct Database::LogKeeper {
    static constexpr int kPagesCheckpointed = 1000;  // SQLite's own standard: 4 MiB
    // 16 MiB, which readers still go through quickly.
    static constexpr int kPagesMax = 4000;

    int next_try = kPagesMax;

    int committed(sqlite3* connection, const char* schema, int pages) {
        if (pages < kPagesCheckpointed) return SQLITE_OK;
        const bool is_long = pages >= next_try;
        const int mode = is_long ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE;
        const int rc = sqlite3_wal_checkpoint_v2(connection, schema, mode, nullptr, nullptr);
        if (is_long) next_try = rc == SQLITE_OK ? kPagesMax : pages + kPagesMax;
        return SQLITE_OK;  // the commit is done; what was not checkpointed now is the next time
    }
};

void Database::ForgetKeeper::operator()(LogKeeper* keeper) const noexcept {
    delete keeper;
}

namespace {

int flags_of(OpenMode mode) {
    if (mode == OpenMode::read_only || mode == OpenMode::watcher) return SQLITE_OPEN_READONLY;
    return mode == OpenMode::guest ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

Result<void> configure(Database& database, OpenMode mode) {
    sqlite3_extended_result_codes(&database.handle(), 1);
    const bool serves = mode == OpenMode::read_write || mode == OpenMode::watcher;
    const Millis busy_wait = serves ? Database::kBusyWait : Database::kGuestBusyWait;
    sqlite3_busy_timeout(&database.handle(), static_cast<int>(busy_wait.count()));
    // Who may only read can't make these files, and can't read without them: they stay when the last one
    // closes.
    int keep_wal = 1;
    sqlite3_file_control(&database.handle(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep_wal);
    if (mode == OpenMode::read_only || mode == OpenMode::watcher) return {};
    if (mode == OpenMode::guest)
        return database.execute("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL");
    // FULL, where WAL has NORMAL by custom: with that a power cut takes the last commits along, and an intent
    // that was committed before a create is what keeps it from being paid twice. Views that people add may
    // call no function that does more than compute (trusted_schema). The cache is small on purpose: the hot
    // rows are few, and a daemon that waits should be small. The log is cut to 4 MiB after a checkpoint,
    // whatever it grew to.
    return database.execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA "
        "trusted_schema = OFF;"
        "PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 4194304");
}

/// SQLite opens a file for reading that it can't open for writing, without a word, and stays with that: a
/// start that was short of one descriptor would never commit anything. So the file is asked about, and then
/// its log and the index of that by the beginning of a transaction, which fails where it finds them so.
Result<void> expect_writable(Database& database) {
    if (sqlite3_db_readonly(&database.handle(), "main") == 1) return only_readable("database");
    const auto tried = database.is_being_written();
    return tried ? Result<void>() : tried.error();
}

}  // namespace

void Database::Close::operator()(sqlite3* connection) const noexcept {
    sqlite3_close_v2(connection);
}

Result<Database> Database::open(const Path& path, OpenMode mode) {
    sqlite3* handle = nullptr;
    const int rc = sqlite3_open_v2(path.c_str(), &handle, flags_of(mode) | SQLITE_OPEN_NOMUTEX, nullptr);
    // Before the code is looked at: also where opening failed there is a handle to be closed.
    Database database(handle);
    if (rc != SQLITE_OK) return sqlite_failure(*handle, path.string());
    auto ready = configure(database, mode);
    if (ready && mode == OpenMode::read_write) ready = expect_writable(database);
    if (mode == OpenMode::read_write) {
        database.keep_log_short();
        database.refuse_when_moved();
    }
    if (ready) ready = mode == OpenMode::read_write ? migrate(database) : expect_newest_schema(database);
    if (!ready) return within(path.string(), ready.error());
    return database;
}

Result<void> Database::check(const Path& path) {
    auto database = open(path, OpenMode::read_only);
    if (!database) return database.error();
    const auto checked = is_checked_when_opened(*database);
    if (!checked) return within(path.string(), checked.error());
    if (*checked) return {};
    if (auto sound = expect_sound(*database); !sound) return within(path.string(), sound.error());
    return {};
}

void Database::keep_log_short() {
    // On the heap, though it is one number: SQLite keeps its address, and a Database may be moved.
    log_keeper_.reset(new LogKeeper);
    const auto on_commit = [](void* keeper, sqlite3* connection, const char* schema, int pages) {
        return static_cast<LogKeeper*>(keeper)->committed(connection, schema, pages);
    };
    sqlite3_wal_hook(handle_.get(), on_commit, log_keeper_.get());
}

void Database::refuse_when_moved() {
    const auto on_commit = [](void* connection) {
        int has_moved = 0;
        sqlite3_file_control(static_cast<sqlite3*>(connection), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
        return has_moved;  // anything but 0 rolls back, as SQLITE_CONSTRAINT_COMMITHOOK
    };
    sqlite3_commit_hook(handle_.get(), on_commit, handle_.get());
}

Result<Statement*> Database::statement(const char* sql) {
    auto found = statements_.find(sql);
    if (found == statements_.end()) {
        auto prepared = Statement::prepare(*handle_, sql);
        if (!prepared) return prepared.error();
        found = statements_.emplace(sql, std::move(*prepared)).first;
    }
    found->second.reset();
    return &found->second;
}

Result<void> Database::execute(const char* sql) {
    if (sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return sqlite_failure(*handle_, "database");
    return {};
}

Result<bool> Database::is_being_written() {
    // Nobody can be asked who writes; but only one can, so the lock is asked for, without waiting.
    sqlite3_busy_timeout(handle_.get(), 0);
    const int rc = sqlite3_exec(handle_.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    sqlite3_busy_timeout(handle_.get(), static_cast<int>(kBusyWait.count()));
    if (rc == SQLITE_OK) {
        if (auto ended = execute("ROLLBACK"); !ended) return ended.error();
        return false;
    }
    if ((rc & 0xff) == SQLITE_BUSY) return true;
    return sqlite_failure(*handle_, "database");
}

std::uint64_t Database::rows_changed() const {
    return static_cast<std::uint64_t>(sqlite3_changes64(handle_.get()));
}

Result<void> Database::transact(const std::function<Result<void>()>& work) {
    if (auto begun = execute("BEGIN IMMEDIATE"); !begun) return begun.error();
    is_transacting_ = true;
    auto result = work();
    is_transacting_ = false;
    // Taken out whatever comes next: what is undone must not be told at the end of another transaction.
    const auto acts = std::exchange(when_committed_, {});
    if (result) result = execute("COMMIT");
    if (result) {
        for (const auto& act : acts) act();
        return result;
    }
    // A failed COMMIT (disk full) leaves the transaction open or has ended it itself; then there is nothing
    // to undo.
    if (has_transaction()) {
        const auto undone = execute("ROLLBACK");
        if (!undone) return within("rollback", undone.error());
    }
    return result;
}

Result<void> Database::attempt(const std::function<Result<void>()>& work) {
    if (auto begun = execute("SAVEPOINT attempt"); !begun) return begun.error();
    const std::size_t acts = when_committed_.size();
    auto result = work();
    if (!result) {
        // What is undone is not told either.
        when_committed_.resize(acts);
        if (!has_transaction()) return result;
        if (auto undone = execute("ROLLBACK TO attempt"); !undone) return within("rollback", undone.error());
    }
    // Ended in both cases: a savepoint that was gone back to is still open.
    if (auto ended = execute("RELEASE attempt"); !ended) return ended.error();
    return result;
}

bool Database::has_transaction() const {
    return sqlite3_get_autocommit(handle_.get()) == 0;
}

void Database::when_committed(std::function<void()> act) {
    if (is_transacting_)
        when_committed_.push_back(std::move(act));
    else
        act();
}

}  // namespace batchd::store
