#include "system/database.hpp"

#include <memory>
#include <stdexcept>

#include <sqlite3.h>

namespace batchd::testing {
namespace {

struct Close {
    void operator()(sqlite3* connection) const noexcept { sqlite3_close(connection); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using Connection = std::unique_ptr<sqlite3, Close>;
using Statement = std::unique_ptr<sqlite3_stmt, Close>;

constexpr int kBusyMillis = 10'000;

Connection connect(const Path& path, int mode = SQLITE_OPEN_READONLY) {
    sqlite3* handle = nullptr;
    const int rc = sqlite3_open_v2(path.c_str(), &handle, mode, nullptr);
    Connection connection(handle);
    if (rc != SQLITE_OK) return nullptr;
    sqlite3_busy_timeout(handle, kBusyMillis);
    return connection;
}

Database::Row read_row(sqlite3_stmt* statement) {
    Database::Row row;
    for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const unsigned char* const text = sqlite3_column_text(statement, column);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
        row.push_back(text == nullptr ? "NULL" : std::string(text, text + size));
    }
    return row;
}

[[noreturn]] void give_up(sqlite3& connection, const std::string& sql) {
    throw std::runtime_error(sql + ": " + sqlite3_errmsg(&connection));
}

bool is_too_early(sqlite3& connection) {
    return std::string(sqlite3_errmsg(&connection)).find("no such table") != std::string::npos;
}

}  // namespace

std::vector<Database::Row> Database::rows(const std::string& sql, const Arguments& arguments) const {
    std::vector<Row> all;
    const Connection connection = connect(path_);
    if (!connection) return all;
    sqlite3_stmt* handle = nullptr;
    const int prepared = sqlite3_prepare_v2(connection.get(), sql.c_str(), -1, &handle, nullptr);
    const Statement statement(handle);
    if (prepared != SQLITE_OK) {
        if (is_too_early(*connection)) return all;
        give_up(*connection, sql);
    }
    for (std::size_t i = 0; i < arguments.size(); ++i)
        sqlite3_bind_text(handle, static_cast<int>(i + 1), arguments[i].data(),
                          static_cast<int>(arguments[i].size()), SQLITE_STATIC);
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(handle)) == SQLITE_ROW) all.push_back(read_row(handle));
    if (rc != SQLITE_DONE) give_up(*connection, sql);
    return all;
}

std::string Database::value(const std::string& sql, const Arguments& arguments) const {
    const auto all = rows(sql, arguments);
    return all.empty() ? std::string() : all.front().front();
}

std::size_t Database::count(const std::string& table_and_where, const Arguments& arguments) const {
    const std::string number = value("SELECT count(*) FROM " + table_and_where, arguments);
    return number.empty() ? 0 : std::stoul(number);
}

bool Database::has_event(const std::string& kind, const std::string& text) const {
    return count("events WHERE kind = ? AND (? = '' OR instr(detail, ?) > 0)", {kind, text, text}) > 0;
}

OpenWriter::OpenWriter(const Path& database) : connection_(connect(database, SQLITE_OPEN_READWRITE)) {
    if (!connection_) throw std::runtime_error(database.string() + " can't be opened");
    execute("BEGIN IMMEDIATE");
}

void OpenWriter::execute(const std::string& sql) {
    if (sqlite3_exec(connection_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        give_up(*connection_, sql);
}

LongReader::LongReader(const Path& database) : connection_(connect(database)) {
    if (!connection_) throw std::runtime_error(database.string() + " can't be opened");
    sqlite3_exec(connection_.get(), "BEGIN", nullptr, nullptr, nullptr);
    jobs();  // takes the snapshot
}

std::size_t LongReader::jobs() const {
    sqlite3_stmt* handle = nullptr;
    const std::string sql = "SELECT count(*) FROM jobs";
    const int prepared = sqlite3_prepare_v2(connection_.get(), sql.c_str(), -1, &handle, nullptr);
    const Statement statement(handle);
    if (prepared != SQLITE_OK || sqlite3_step(handle) != SQLITE_ROW) give_up(*connection_, sql);
    return static_cast<std::size_t>(sqlite3_column_int64(handle, 0));
}

}  // namespace batchd::testing
