#pragma once

#include <string_view>

#include "base/result.hpp"

struct sqlite3;

/// What SQLite says, as an Error of this house.
namespace batchd::store {

/// Result codes of SQLite, extended ones too. Source: https://www.sqlite.org/rescode.html
const boost::system::error_category& sqlite_category() noexcept;

/// The Error for the call on `connection` that has just failed. Errors: not_found where the file was deleted
/// or replaced under the daemon; SQLITE_IOERR_* where the disk could not be read; else SQLite's own code.
Error sqlite_failure(sqlite3& connection, std::string_view context);

/// The Error for a connection that is to write, and whose files SQLite could open for reading only:
/// SQLITE_READONLY.
Error only_readable(std::string_view context);

/// The Error for `finding`, by which the check of a database says that it is damaged. Errors: corrupt; but
/// SQLITE_IOERR_* where the disk could not be read, for then nobody knows what it holds.
Error damage_found(sqlite3& connection, std::string_view finding);

/// True when `error` says that the file is damaged, or is no database of batchd at all: what it held is lost.
/// False for a newer batchd's, a disk that could not be read, and whatever may be otherwise at the next try.
bool is_damage(const Error& error);

}  // namespace batchd::store
