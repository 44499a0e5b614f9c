#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "store/statement.hpp"

/// Reading all rows of a bound statement, which can be used again afterwards. Errors: SQLite's.
namespace batchd::store {

/// Calls `take(row)` for each; it reads the columns from left to right.
template <class Take>
Result<void> for_each_row(Statement& statement, Take take) {
    for (;;) {
        const auto row = statement.step();
        if (!row) return row.error();
        if (!*row) break;
        take(statement);
    }
    statement.reset();
    return {};
}

/// The first column of each, as Id{number}.
template <class Id>
Result<std::vector<Id>> read_ids(Statement& statement) {
    std::vector<Id> ids;
    auto read = for_each_row(statement, [&](Statement& row) { ids.push_back(Id{row.integer()}); });
    if (!read) return read.error();
    return ids;
}

/// The number in the only row.
inline Result<std::uint64_t> read_count(Statement& statement) {
    std::uint64_t count = 0;
    auto read = for_each_row(statement, [&](Statement& row) { count = row.count(); });
    if (!read) return read.error();
    return count;
}

}  // namespace batchd::store
