#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite_error.hpp"

struct sqlite3_stmt;

namespace batchd::store {

/// A prepared statement, finalized on destruction. Must not outlive its connection. I/O thread only.
/// Bind values in the order of the statement's `?`, then step. Errors of bind surface in step().
class Statement {
public:
    /// Errors: SQLite result codes. Source: https://www.sqlite.org/c3ref/prepare.html
    static Result<Statement> prepare(sqlite3& connection, std::string_view sql);

    Statement& bind(std::int64_t value);
    Statement& bind(std::uint64_t value);  ///< above 2^63 it is capped
    Statement& bind(std::string_view value);
    Statement& bind(TimePoint value);
    template <class T>
    Statement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind_null();
    }
    Statement& bind_null();
    /// Empty text as NULL: for columns that say nothing while there is nothing.
    Statement& bind_or_null(std::string_view value);

    /// True: a row is ready; false: done.
    Result<bool> step();
    /// For statements that return no rows. The statement can be used again afterwards.
    Result<void> run();
    /// For INSERT … RETURNING id: the id. The row comes before the commit, which is part of the step that
    /// finds no further one, and may fail for want of space: only then is anything recorded. Can be used
    /// again afterwards.
    Result<std::int64_t> run_for_id();
    /// Makes the statement ready to be bound and stepped again.
    void reset();

    /// Columns of the ready row, left to right, each call the next one.
    std::int64_t integer();
    std::uint64_t count();
    std::string text();  ///< NULL is ""
    TimePoint time();
    std::optional<TimePoint> optional_time();

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    explicit Statement(sqlite3_stmt* handle);

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int next_parameter_ = 1;
    int next_column_ = 0;
    int bind_result_ = 0;
};

}  // namespace batchd::store
