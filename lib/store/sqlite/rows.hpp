#pragma once

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/statement.hpp"

/// Rows of a bound statement as values. A row is one value, read from the first column, or a struct with a
/// function `columns_of(Struct&)` beside it, which names its fields (std::tie) in the order of the columns.
/// The statement is reset afterwards, so that no read transaction stays open. Errors: SQLite's.
namespace batchd::store {

template <class Row>
Row read_row(Statement& statement) {
    Row row{};
    if constexpr (requires { columns_of(row); })
        std::apply([&](auto&... fields) { statement.read(fields...); }, columns_of(row));
    else
        statement.read(row);
    return row;
}

/// All rows of the answer.
template <class Row>
Result<std::vector<Row>> read_rows(Statement& statement) {
    std::vector<Row> rows;
    auto ready = statement.step();
    for (; ready && *ready; ready = statement.step()) rows.push_back(read_row<Row>(statement));
    statement.reset();
    if (!ready) return ready.error();
    return rows;
}

/// The first of them; nothing where there is none. The others are not looked for.
template <class Row>
Result<std::optional<Row>> read_first_row(Statement& statement) {
    std::optional<Row> row;
    const auto ready = statement.step();
    if (ready && *ready) row.emplace(read_row<Row>(statement));
    statement.reset();
    if (!ready) return ready.error();
    return row;
}

}  // namespace batchd::store
