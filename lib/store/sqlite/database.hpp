#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/disk/file.hpp"
#include "base/result.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/statement.hpp"

namespace batchd::store {

enum class OpenMode {
    read_write,  ///< the daemon: makes the file and its tables where they are missing
    read_only,   ///< changes nothing; works for whoever may read the file
    watcher,     ///< likewise, for a process with a thread that serves others: it waits for nobody's lock for
                 ///< long
    guest        ///< writes rows into what a daemon has made
};

/// The text of a statement. It can only be made of a literal, for its address is what a prepared statement is
/// found again by: that costs nothing, and tens of thousands of rows go through one call.
struct Sql {
    consteval Sql(const char* literal) : text(literal) {}
    const char* text;
};

/// One connection to the state, in WAL mode with synchronous=FULL: what a transaction has committed survives
/// a power cut. I/O thread only.
///
/// Another connection's write lock is waited for kBusyWait, on this thread; after that calls fail with
/// SQLITE_BUSY and are to be tried again later. Readers never block it; one that holds a transaction open
/// makes the log beside the database (batchd.db-wal) grow until it ends. Where the file is deleted or
/// replaced, commits of the daemon's fail with not_found until it is back: what they say would be lost with
/// it.
class Database {
public:
    static constexpr Millis kBusyWait{250};
    /// The same for the commands of people, which have nothing else to do meanwhile.
    static constexpr Millis kGuestBusyWait{5000};

    /// Opens, checks where it is small, and migrates (see migrate.hpp). read_only and guest expect the newest
    /// schema. Errors: SQLite's, SQLITE_READONLY among them where a daemon could not write; illegal when the
    /// file is of a newer batchd; corrupt, also of another program's.
    static Result<Database> open(const Path& path, OpenMode mode);

    /// Looks for damage in a file that is too large for open() to have done it, on a connection of its own: 5
    /// ms a megabyte, blocking, for the pool. Errors: as open(); corrupt.
    static Result<void> check(const Path& path);

    /// Runs a statement that returns no rows, with `values` for its `?`, in their order. As with the three
    /// calls below, the statement is prepared once for a connection.
    template <class... Values>
    Result<void> run(Sql sql, const Values&... values) {
        auto statement = bound(sql, values...);
        if (!statement) return statement.error();
        return (*statement)->run();
    }
    /// Runs an INSERT … RETURNING id: the new row's number.
    template <class Id, class... Values>
    Result<Id> insert(Sql sql, const Values&... values) {
        auto statement = bound(sql, values...);
        if (!statement) return statement.error();
        const auto id = (*statement)->run_for_id();
        if (!id) return id.error();
        return Id{*id};
    }
    /// All rows that a query finds. What a Row may be: see rows.hpp.
    template <class Row, class... Values>
    Result<std::vector<Row>> query(Sql sql, const Values&... values) {
        auto statement = bound(sql, values...);
        if (!statement) return statement.error();
        return read_rows<Row>(**statement);
    }
    /// The first row that a query finds; nothing where there is none.
    template <class Row, class... Values>
    Result<std::optional<Row>> query_first(Sql sql, const Values&... values) {
        auto statement = bound(sql, values...);
        if (!statement) return statement.error();
        return read_first_row<Row>(**statement);
    }
    /// The value of a query that always finds one row, such as a count.
    template <class Value, class... Values>
    Result<Value> query_value(Sql sql, const Values&... values) {
        auto row = query_first<Value>(sql, values...);
        if (!row) return row.error();
        return std::move(row->value());
    }

    /// The statement for `sql`, ready to bind. `sql` must be a literal: its address is the cache's key.
    Result<Statement*> statement(const char* sql);

    /// Runs statements that return nothing, which may be several; not cached.
    Result<void> execute(const char* sql);

    /// Runs `work` in one transaction (BEGIN IMMEDIATE): all of it is committed and durable, or nothing.
    /// Not to be nested; `work` does not suspend.
    Result<void> transact(const std::function<Result<void>()>& work);

    /// Inside transact(): runs `work`, and where it fails undoes what it did, while the rest of the
    /// transaction stays as it is, but see has_transaction(). Errors: of `work`; SQLite's.
    Result<void> attempt(const std::function<Result<void>()>& work);

    /// False inside transact() where SQLite has undone all of the transaction by itself, as it does when the
    /// disk is full.
    bool has_transaction() const;

    /// Calls `act` once the transaction that is under way is committed, and never when it is undone; at once
    /// where there is none. It must not write to the database.
    void when_committed(std::function<void()> act);

    /// True while another connection is in a transaction that writes: what it commits can't be seen yet.
    /// Not inside transact().
    Result<bool> is_being_written();

    /// By the last INSERT, UPDATE or DELETE, without what it took along through foreign keys.
    std::uint64_t rows_changed() const;

    sqlite3& handle() { return *handle_; }

private:
    struct Close {
        void operator()(sqlite3* connection) const noexcept;
    };
    /// When the log was last too long, and could not be emptied. See database.cpp.
    struct LogKeeper;
    struct ForgetKeeper {
        void operator()(LogKeeper* keeper) const noexcept;
    };
    explicit Database(sqlite3* handle) : handle_(handle) {}
    template <class... Values>
    Result<Statement*> bound(Sql sql, const Values&... values) {
        auto found = statement(sql.text);
        if (found) ((*found)->bind(values), ...);
        return found;
    }
    /// Installs the hooks of a connection that writes.
    void keep_log_short();
    void refuse_when_moved();

    std::unique_ptr<LogKeeper, ForgetKeeper> log_keeper_;  // the connection refers to it
    std::unique_ptr<sqlite3, Close> handle_;
    std::map<const char*, Statement> statements_;  // finalized before the connection is closed
    /// What is to be told waits for the commit: see when_committed().
    bool is_transacting_ = false;
    std::vector<std::function<void()>> when_committed_;
};

}  // namespace batchd::store
