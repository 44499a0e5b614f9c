#include "store/sqlite/statement.hpp"

#include <limits>

#include <sqlite3.h>

namespace batchd::store {

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

Statement::Statement(sqlite3_stmt* handle) : handle_(handle) {}

Result<Statement> Statement::prepare(sqlite3& connection, std::string_view sql) {
    sqlite3_stmt* handle = nullptr;
    // PERSISTENT: most statements are kept for as long as the daemon runs, so SQLite takes their memory from
    // the heap and leaves its small lookaside buffer to what is short-lived.
    const int rc = sqlite3_prepare_v3(&connection, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &handle, nullptr);
    if (rc != SQLITE_OK) return sqlite_failure(connection, "prepare");
    return Statement(handle);
}

Statement& Statement::bind(std::int64_t value) {
    // Results are gathered instead of answered, so that a chain of bind() has one place for errors: step().
    bind_result_ |= sqlite3_bind_int64(handle_.get(), next_parameter_++, value);
    return *this;
}

Statement& Statement::bind(std::uint64_t value) {
    // SQLite has no unsigned numbers, and a huge count must not come back as a negative one.
    constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return bind(static_cast<std::int64_t>(std::min(value, max)));
}

Statement& Statement::bind(std::string_view value) {
    // A null pointer would be NULL, and an empty view may have one.
    const char* data = value.data() != nullptr ? value.data() : "";
    bind_result_ |= sqlite3_bind_text64(handle_.get(), next_parameter_++, data, value.size(),
                                        SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bind(TimePoint value) {
    return bind(std::string_view(to_utc_text(value)));
}

Statement& Statement::bind(std::nullopt_t) {
    bind_result_ |= sqlite3_bind_null(handle_.get(), next_parameter_++);
    return *this;
}

Statement& Statement::bind(OrNull value) {
    return value.text.empty() ? bind(std::nullopt) : bind(value.text);
}

Result<bool> Statement::step() {
    sqlite3& connection = *sqlite3_db_handle(handle_.get());
    // A bug of ours, a parameter too many: the text of the statement says where.
    if (bind_result_ != SQLITE_OK)
        return Error{{SQLITE_MISUSE, sqlite_category()}, sqlite3_sql(handle_.get())};
    next_column_ = 0;
    switch (sqlite3_step(handle_.get())) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            return false;
        default:
            return sqlite_failure(connection, "database");
    }
}

Result<void> Statement::run() {
    const auto stepped = step();
    reset();
    if (!stepped) return stepped.error();
    return {};
}

Result<std::int64_t> Statement::run_for_id() {
    const auto row = step();
    const std::int64_t id = row ? integer() : 0;
    // To the end, not to the first row, for the commit is there; see the header.
    const auto end = row ? step() : row;
    reset();
    if (!end) return end.error();
    return id;
}

void Statement::reset() {
    // Bindings survive a reset: the next caller would inherit whatever it does not bind, and texts their
    // memory.
    sqlite3_reset(handle_.get());
    sqlite3_clear_bindings(handle_.get());
    next_parameter_ = 1;
    bind_result_ = SQLITE_OK;
}

std::int64_t Statement::integer() {
    return sqlite3_column_int64(handle_.get(), next_column_++);
}

std::uint64_t Statement::count() {
    const std::int64_t value = integer();
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

std::string Statement::text() {
    const int column = next_column_++;
    // As a blob, with its length: a text from outside may hold a NUL. SQLite wants the pointer asked for
    // before the length.
    const void* data = sqlite3_column_blob(handle_.get(), column);
    const int size = sqlite3_column_bytes(handle_.get(), column);
    return data == nullptr ? std::string()
                           : std::string(static_cast<const char*>(data), static_cast<std::size_t>(size));
}

TimePoint Statement::time() {
    return optional_time().value_or(TimePoint{});
}

std::optional<TimePoint> Statement::optional_time() {
    return parse_utc_text(text());
}

std::optional<std::int64_t> Statement::optional_integer() {
    // Asked before it is read, which would make a 0 of it.
    if (sqlite3_column_type(handle_.get(), next_column_) == SQLITE_NULL) {
        ++next_column_;
        return std::nullopt;
    }
    return integer();
}

}  // namespace batchd::store
