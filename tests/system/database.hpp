#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/disk/file.hpp"

struct sqlite3;

namespace batchd::testing {

/// The daemon's database, as anybody reads it with sqlite3 while the daemon runs.
class Database {
public:
    explicit Database(Path path) : path_(std::move(path)) {}

    using Row = std::vector<std::string>;        // NULL is "NULL"
    using Arguments = std::vector<std::string>;  // for the ? of the SQL
    /// Empty while there is no database or no such table yet. Throws std::runtime_error on any other error.
    std::vector<Row> rows(const std::string& sql, const Arguments& arguments = {}) const;
    /// The first column of the first row; "" when there is no row.
    std::string value(const std::string& sql, const Arguments& arguments = {}) const;
    std::size_t count(const std::string& table_and_where, const Arguments& arguments = {}) const;
    /// Whether an event of this kind is on record whose detail contains `text`.
    bool has_event(const std::string& kind, const std::string& text = "") const;

private:
    Path path_;
};

/// Somebody with sqlite3 who writes, in a transaction that is not committed yet.
class OpenWriter {
public:
    /// Throws std::runtime_error when it can't be opened.
    explicit OpenWriter(const Path& database);
    void execute(const std::string& sql);
    void commit() { execute("COMMIT"); }

private:
    std::shared_ptr<sqlite3> connection_;
};

/// Somebody with sqlite3 who has begun to read and has gone to lunch: keeps a transaction open.
class LongReader {
public:
    /// Throws std::runtime_error when there is no table `jobs` to read.
    explicit LongReader(const Path& database);
    /// The jobs as this reader sees them, still.
    std::size_t jobs() const;

private:
    std::shared_ptr<sqlite3> connection_;
};

}  // namespace batchd::testing
