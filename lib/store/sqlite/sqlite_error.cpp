#include "store/sqlite/sqlite_error.hpp"

#include <cerrno>
#include <optional>
#include <string>
#include <system_error>

#include <sqlite3.h>

namespace batchd::store {
namespace {

class Category final : public boost::system::error_category {
public:
    const char* name() const noexcept override { return "sqlite"; }
    std::string message(int value) const override { return sqlite3_errstr(value); }
};

bool is_primary(int code, int primary) {
    return (code & 0xff) == primary;
}

bool sounds_like_damage(int code) {
    return is_primary(code, SQLITE_NOTADB) || is_primary(code, SQLITE_CORRUPT);
}

/// `errno` of the last system call on the database's file, or on its log, that failed; 0 where none has.
int last_errno(sqlite3& connection) {
    int number = 0;
    sqlite3_file_control(&connection, "main", SQLITE_FCNTL_LAST_ERRNO, &number);
    if (number != 0) return number;
    // Each file keeps its own, and most of what is read anew stands in the log.
    sqlite3_file* log = nullptr;
    sqlite3_file_control(&connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (log != nullptr && log->pMethods != nullptr && log->pMethods->xFileControl != nullptr)
        log->pMethods->xFileControl(log, SQLITE_FCNTL_LAST_ERRNO, &number);
    return number;
}

/// SQLite calls a database malformed when the system could not read it: a statement answers SQLITE_CORRUPT
/// instead of SQLITE_IOERR_CORRUPTFS, and the check of a database counts a page that it did not get among its
/// findings. Only the number of the system call tells it from damage. That number stays with the connection;
/// so damage that is found behind a failed read is taken for one as well, until the next start looks anew.
std::optional<Error> unreadable_disk(sqlite3& connection, std::string_view context) {
    const int number = last_errno(connection);
    // The others come from locks that are taken, which are no failure.
    if (number != EIO && number != ENXIO && number != ERANGE && number != ESTALE) return std::nullopt;
    return Error{{SQLITE_IOERR_READ, sqlite_category()},
                 std::string(context) + ": it could not be read (" + std::generic_category().message(number) +
                     "); look at the disk: nothing says that the database is damaged"};
}

}  // namespace

const boost::system::error_category& sqlite_category() noexcept {
    static const Category category;
    return category;
}

Error sqlite_failure(sqlite3& connection, std::string_view context) {
    const int code = sqlite3_extended_errcode(&connection);
    // Nothing but the check for a file that has moved uses the commit hook; see database.cpp.
    if (code == SQLITE_CONSTRAINT_COMMITHOOK)
        return error(
            Errc::not_found,
            std::string(context) + ": its file was deleted or replaced while batchd runs; put it back");
    if (is_primary(code, SQLITE_READONLY) && code != SQLITE_READONLY_DBMOVED) return only_readable(context);
    if (sounds_like_damage(code))
        if (auto unreadable = unreadable_disk(connection, context)) return *unreadable;
    std::string text(context);
    // Most often the message is what the code says as well, which is not to be read twice.
    if (const std::string message = sqlite3_errmsg(&connection); message != sqlite3_errstr(code))
        text += ": " + message;
    if (is_primary(code, SQLITE_BUSY) || is_primary(code, SQLITE_PROTOCOL))
        text += ": another program holds a lock on it, or on the -shm beside it";
    return {{code, sqlite_category()}, std::move(text)};
}

Error only_readable(std::string_view context) {
    return {{SQLITE_READONLY, sqlite_category()},
            std::string(context) +
                ": it, or the -wal or the -shm beside it, could be opened for reading only; "
                "see who may write to them, and whether descriptors ran out"};
}

Error damage_found(sqlite3& connection, std::string_view finding) {
    if (auto unreadable = unreadable_disk(connection, "database")) return *unreadable;
    return error(Errc::corrupt,
                 "the database is damaged (" + std::string(finding) + "); batchd does not run on it");
}

bool is_damage(const Error& error) {
    if (error.code == Errc::corrupt) return true;
    return error.code.category() == sqlite_category() && sounds_like_damage(error.code.value());
}

}  // namespace batchd::store
