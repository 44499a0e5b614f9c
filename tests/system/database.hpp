#pragma once

#include <string>
#include <vector>

#include "base/file.hpp"

namespace batchd::testing {

/// The daemon's database, as anybody reads it with sqlite3 while the daemon runs.
class Database {
public:
    explicit Database(Path path) : path_(std::move(path)) {}

    using Row = std::vector<std::string>;  // NULL is "NULL"
    /// Empty while there is no database or no such table yet. Throws std::runtime_error on any other error.
    std::vector<Row> rows(const std::string& sql) const;
    /// The first column of the first row; "" when there is no row.
    std::string value(const std::string& sql) const;
    std::size_t count(const std::string& table_and_where) const;
    /// Whether an event of this kind is on record whose detail contains `text`.
    bool has_event(const std::string& kind, const std::string& text = "") const;

private:
    Path path_;
};

}  // namespace batchd::testing
