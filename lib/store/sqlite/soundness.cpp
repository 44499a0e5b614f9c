#include "store/sqlite/soundness.hpp"

#include "store/sqlite/rows.hpp"

namespace batchd::store {
namespace {

/// The value that a pragma or a query answers. Not through Database::query: what runs once in a start need
/// not stay prepared for as long as the daemon lives.
template <class Value>
Result<Value> ask_once(Database& database, const char* sql) {
    auto statement = Statement::prepare(database.handle(), sql);
    if (!statement) return statement.error();
    auto row = read_first_row<Value>(*statement);
    if (!row) return row.error();
    return std::move(row->value());
}

}  // namespace

Result<bool> is_checked_when_opened(Database& database) {
    const auto bytes = ask_once<std::uint64_t>(
        database, "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()");
    if (!bytes) return bytes.error();
    return *bytes <= kCheckedWhenOpenedMax;
}

Result<void> expect_sound(Database& database) {
    // The quick check leaves out whether the indexes agree with their tables, which takes many times as long,
    // while a start waits. One finding is enough to refuse.
    const auto verdict = ask_once<std::string>(database, "PRAGMA quick_check(1)");
    if (!verdict) return verdict.error();
    if (*verdict == "ok") return {};
    return damage_found(database.handle(), *verdict);
}

}  // namespace batchd::store
