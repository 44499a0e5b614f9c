#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "store/sqlite/sqlite_error.hpp"

struct sqlite3_stmt;

namespace batchd::store {

/// The number of a row, in a type of its own for each table: JobId, BatchRowId. Numbers start at 1.
template <class T>
concept RowNumber = std::is_class_v<T> && std::same_as<decltype(T::value), std::int64_t>;

/// One of a few words, which stands in its column by name: JobState, BatchPhase, Outcome, Verb. Has
/// `to_string(word)` and `read_word(text, word)` beside it.
template <class T>
concept Word = std::is_enum_v<T>;

/// A text for a column that is NULL while there is nothing to say. The text must outlive it.
struct OrNull {
    std::string_view text;
};

/// A prepared statement, finalized on destruction. Must not outlive its connection. I/O thread only.
/// Bind values in the order of the statement's `?`, then step. Errors of bind surface in step().
class Statement {
public:
    /// Errors: SQLite result codes. Source: https://www.sqlite.org/c3ref/prepare.html
    static Result<Statement> prepare(sqlite3& connection, std::string_view sql);

    /// Binds the next parameter. Texts are copied.
    Statement& bind(std::int64_t value);
    Statement& bind(std::uint64_t value);  ///< above 2^63 it is capped
    Statement& bind(std::string_view value);
    Statement& bind(TimePoint value);  ///< as to_utc_text() writes it, which sorts as the times do
    Statement& bind(OrNull value);
    Statement& bind(std::nullopt_t);
    template <std::same_as<bool> Flag>
    Statement& bind(Flag value) {  ///< 1 or 0
        return bind(std::int64_t{value ? 1 : 0});
    }
    template <RowNumber Id>
    Statement& bind(Id id) {
        return bind(id.value);
    }
    template <Word Value>
    Statement& bind(Value word) {
        return bind(to_string(word));
    }
    template <class T>
    Statement& bind(const std::optional<T>& value) {
        return value ? bind(*value) : bind(std::nullopt);
    }

    /// True: a row is ready; false: done.
    Result<bool> step();
    /// For statements that return no rows. The statement can be used again afterwards.
    Result<void> run();
    /// For INSERT … RETURNING id: the id. The row comes before the commit, which is part of the step that
    /// finds no further one, and may fail for want of space: only then is anything recorded. Can be used
    /// again afterwards.
    Result<std::int64_t> run_for_id();
    /// Makes the statement ready to be bound and stepped again. A row that is ready until then keeps the
    /// connection's read transaction open.
    void reset();

    /// Reads the next columns of the ready row, left to right, into `fields`. NULL is 0, "", no time,
    /// nothing.
    template <class... Fields>
    void read(Fields&... fields) {
        (read_next(fields), ...);
    }

    /// Columns of the ready row, left to right, each call the next one.
    std::int64_t integer();
    std::uint64_t count();  ///< what is below 0 is 0
    std::string text();     ///< NULL is ""
    TimePoint time();
    std::optional<TimePoint> optional_time();
    std::optional<std::int64_t> optional_integer();

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    /// Owns the handle.
    explicit Statement(sqlite3_stmt* handle);

    void read_next(std::int64_t& to) { to = integer(); }
    void read_next(std::optional<std::int64_t>& to) { to = optional_integer(); }
    void read_next(std::uint64_t& to) { to = count(); }
    void read_next(bool& to) { to = integer() != 0; }
    void read_next(std::string& to) { to = text(); }
    void read_next(TimePoint& to) { to = time(); }
    void read_next(std::optional<TimePoint>& to) { to = optional_time(); }
    template <RowNumber Id>
    void read_next(Id& to) {
        to.value = integer();
    }
    template <RowNumber Id>
    void read_next(std::optional<Id>& to) {
        const Id id{integer()};
        to = id.value == 0 ? std::nullopt : std::optional(id);
    }
    /// The schema's CHECK allows no other words; one that somebody wrote with the check switched off leaves
    /// the field's default.
    template <Word Value>
    void read_next(Value& to) {
        read_word(text(), to);
    }
    template <Word Value>
    void read_next(std::optional<Value>& to) {
        Value word{};
        to = read_word(text(), word) ? std::optional(word) : std::nullopt;
    }

    std::unique_ptr<sqlite3_stmt, Finalize> handle_;
    int next_parameter_ = 1;
    int next_column_ = 0;
    /// Of all bind() together: any bit means that one of them has failed.
    int bind_result_ = 0;
};

}  // namespace batchd::store
