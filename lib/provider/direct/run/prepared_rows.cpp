#include "provider/direct/run/prepared_rows.hpp"

#include "base/async/run_blocking.hpp"
#include "jsonl/json_fields.hpp"
#include "jsonl/quote.hpp"
#include "jsonl/request/request_line.hpp"
#include "provider/direct/run/token_estimate.hpp"

namespace batchd::provider::direct {

namespace {

// A visit to the pool costs more than to read a row, and each row that is read ahead is in memory.
constexpr std::size_t kRowsAtOnce = 64;
constexpr std::size_t kBytesAtOnce = 1024 * 1024;

bool is_for_responses(std::string_view url) {
    return url.substr(0, url.find('?')).ends_with("/responses");
}

/// With "background": true a server answers at once that it has begun, and what it then makes is paid for and
/// fetched by nobody: we wait for answers ourselves.
std::string without_background(std::string body) {
    std::string rest;
    bool has_it = false;
    jsonl::JsonFields fields(body);
    while (fields.next()) {
        const std::string_view field = fields.field();
        if (field.starts_with("\"background\"")) {
            has_it = true;
            continue;
        }
        rest.append(rest.empty() ? "{" : ",").append(field);
    }
    if (!has_it) return body;
    return (rest.empty() ? "{" : rest) + "}";
}

std::string_view without_quotes(std::string_view json) {
    return json.size() < 2 ? std::string_view() : json.substr(1, json.size() - 2);
}

RowRequest damaged(const jsonl::RowRef& ref, const std::optional<std::string>& id, const Error& why) {
    RowRequest request;
    request.row = ref.line_number;
    request.custom_id_json = id ? jsonl::json_string(*id) : "null";
    request.damage = to_string(why);
    return request;
}

}  // namespace

Result<RowRequest> request_of(const jsonl::Row& row) {
    RowRequest request;
    request.row = row.line_number;
    const auto bad =
        error(Errc::corrupt, "line " + std::to_string(row.line_number) + " is no request of ours");
    if (!row.text.starts_with('{')) return bad;
    jsonl::JsonFields fields(row.text);
    while (fields.next()) {
        const std::string_view field = fields.field();
        // The path of a url has no character that JSON would escape.
        if (field.starts_with("\"custom_id\"")) request.custom_id_json = fields.value();
        if (field.starts_with("\"url\"")) request.url = without_quotes(fields.value());
        if (field.starts_with("\"body\"")) request.body = fields.value();
    }
    if (request.custom_id_json.empty() || request.url.empty() || !request.body.starts_with('{')) return bad;
    if (is_for_responses(request.url)) request.body = without_background(std::move(request.body));
    request.tokens = token_estimate(request.url, request.body);
    return request;
}

PreparedRows::PreparedRows(jsonl::RowFileReader reader, boost::asio::thread_pool& pool)
    : reader_(std::move(reader)), pool_(pool) {}

Result<RowRequest> PreparedRows::read_row(const jsonl::RowRef& ref) {
    jsonl::Row row;
    const auto got = reader_.next(row);
    if (got) {
        auto request = request_of(row);
        // It is as it was written, and still no request.
        if (!request) return damaged(ref, jsonl::prepared_custom_id(row.text), request.error());
        return request;
    }
    // A disk that fails may read it the next time.
    if (got.error().code != Errc::corrupt && got.error().code != Errc::changed) return got.error();
    auto id = jsonl::custom_id_with(ref.id, reader_.next_id_json().value_or(""));
    if (auto skipped = reader_.skip(); !skipped) return skipped.error();
    return damaged(ref, id, got.error());
}

Result<void> PreparedRows::read_more(const Replay& done) {
    for (std::size_t bytes = 0; read_.size() < kRowsAtOnce && bytes < kBytesAtOnce;) {
        const auto next = reader_.peek();
        if (!next) return next.error();
        is_at_end_ = *next == nullptr;
        if (is_at_end_) break;
        const jsonl::RowRef ref = **next;
        if (done.has_end(ref.line_number)) {
            // By the index alone: its text may have been damaged since, and nobody needs it any more.
            if (auto skipped = reader_.skip(); !skipped) return skipped.error();
            continue;
        }
        auto request = read_row(ref);
        if (!request) return request.error();
        bytes += ref.size;
        read_.push_back(std::move(*request));
    }
    // Between two visits no text of the file is kept.
    reader_.release_text();
    return {};
}

boost::asio::awaitable<Result<std::optional<RowRequest>>> PreparedRows::next(const Replay& done) {
    if (read_.empty() && !is_at_end_) {
        auto read = [this, &done] { return read_more(done); };
        const auto has_read = co_await run_blocking(pool_, read);
        if (!has_read) co_return has_read.error();
    }
    if (read_.empty()) co_return std::optional<RowRequest>();
    std::optional<RowRequest> first(std::move(read_.front()));
    read_.pop_front();
    co_return first;
}

}  // namespace batchd::provider::direct
