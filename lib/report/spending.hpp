#pragma once

#include <string>
#include <vector>

#include "store/query/spending.hpp"
#include "store/store.hpp"

/// What was used and paid as data, and as it is shown: `batchd cost` and `batchd cost --json`.
namespace batchd::report {

struct Spending {
    store::SpendingBy by = store::SpendingBy::day;
    std::vector<store::SpendingRow> rows;
    store::SpendingRow total{};  ///< of the rows; its cost is that of those whose cost is known
};

/// Of what was collected at or after `since`. Errors: SQLite's.
Result<Spending> read_spending(store::Store& store, store::SpendingBy by, TimePoint since);

/// For people: a line for each row, and one for all.
std::vector<std::string> spending_text(const Spending& spending, std::size_t width);
/// For programs: one JSON object in one line; README.md has the shape.
std::string spending_json(const Spending& spending);

}  // namespace batchd::report
