#include "sim/files_api.hpp"

#include <algorithm>
#include <charconv>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "sim/multipart.hpp"
#include "sim/query_number.hpp"
#include "sim/upload.hpp"

namespace batchd::sim::files_api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::uint64_t kListMax = 10000;

Response refused(const ApiError& error) {
    return error_response(error, Envelope::with_detail);
}

Response refused(std::string message) {
    return refused(ApiError{.status = 400, .message = std::move(message), .param = "", .code = ""});
}

/// A quoted filename for Content-Disposition.
std::string quoted_filename(std::string_view name) {
    std::string text = "\"";
    for (char c : name) {
        if (c == '"' || c == '\\') text += '\\';
        text += static_cast<unsigned char>(c) < 0x20 ? '_' : c;
    }
    return text += '"';
}

/// First and last byte of "bytes=FIRST-[LAST]", the only form we serve.
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_range(std::string_view text,
                                                                   std::uint64_t size) {
    if (!text.starts_with("bytes=") || size == 0) return std::nullopt;
    text.remove_prefix(6);
    std::uint64_t first = 0, last = size - 1;
    auto parsed = std::from_chars(text.data(), text.data() + text.size(), first);
    if (parsed.ec != std::errc() || parsed.ptr == text.data() + text.size() || *parsed.ptr != '-')
        return std::nullopt;
    const char* const rest = parsed.ptr + 1;
    const char* const end = text.data() + text.size();
    if (rest != end &&
        (parsed = std::from_chars(rest, end, last), parsed.ec != std::errc() || parsed.ptr != end))
        return std::nullopt;
    last = std::min(last, size - 1);
    if (first > last) return std::nullopt;
    return std::pair(first, last);
}

/// Narrows a whole-file response to what Range asks for. Source: RFC 9110 section 14.
void serve_range(Response& response, const RequestHead& head, const StoredFile& file) {
    const std::string etag = "\"" + file.id + "\"";
    response.fields.emplace_back("Accept-Ranges", "bytes");
    response.fields.emplace_back("ETag", etag);
    const std::string_view condition = head.field("if-range");
    const auto range = parse_range(head.field("range"), file.size_bytes);
    if (!range || (!condition.empty() && condition != etag)) return;
    const auto [first, last] = *range;
    response.status = 206;
    response.fields.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" +
                                                      std::to_string(last) + "/" +
                                                      std::to_string(file.size_bytes));
    response.file->offset = first;
    response.file->size_bytes = last - first + 1;
}

}  // namespace

asio::awaitable<Response> upload(Exchange& exchange) {
    const auto boundary = multipart_boundary(exchange.head.field("content-type"));
    if (!boundary) co_return refused("Expected a multipart/form-data body with a boundary.");
    Backend& backend = exchange.backend;
    const std::string id = backend.files.new_id(backend.settings.file_id_length, backend.settings.ids);
    Upload upload(backend.files.path_of(id), backend.settings);
    MultipartParser parser(*boundary, upload);
    for (;;) {
        const std::string_view piece = co_await exchange.body.read_piece();
        if (piece.empty()) break;
        if (auto fed = parser.feed(piece); !fed)
            co_return refused("Could not parse multipart form: " + fed.error().context);
    }
    if (exchange.body.error() || !parser.complete())
        co_return refused("Could not parse multipart form: it ends before its closing boundary.");
    auto file = upload.finish(backend.clock.now());
    if (!file) co_return refused(file.error());
    file->id = id;
    file->account = exchange.account;
    ++backend.ledger.traffic.files_uploaded;
    file->processed_at = file->created_at + seconds_to_millis(backend.settings.processing);
    const Response answer = json_response(200, to_json(*file, backend.clock.now()));
    backend.files.add(std::move(*file));
    co_return answer;
}

asio::awaitable<Response> list(Exchange& exchange) {
    co_await exchange.backend.runner.settle();
    const RequestHead& head = exchange.head;
    if (exchange.backend.settings.no_lists.contains("files")) co_return refused(unknown_url(exchange));
    const auto limit = query_number(head, "limit", {.min = 1, .max = kListMax, .standard = kListMax});
    if (!limit) co_return refused(limit.error());
    FileQuery query;
    query.account = exchange.account;
    query.limit = *limit;
    query.purpose = std::string(head.parameter("purpose"));
    query.after = std::string(head.parameter("after"));
    const std::string_view order = head.parameter("order");
    if (order == "asc") query.order = FileQuery::Order::oldest_first;
    if (!order.empty() && order != "asc" && order != "desc")
        co_return refused(ApiError{
            .status = 400,
            .message = "Invalid value: '" + std::string(order) + "'. Supported values are: 'asc' and 'desc'.",
            .param = "order",
            .code = "invalid_value"});
    const Backend& backend = exchange.backend;
    auto page = backend.files.list(query, backend.clock.now(), seconds_to_millis(backend.settings.list_lag));
    co_return page ? json_response(200, *page) : refused(page.error());
}

asio::awaitable<Response> retrieve(Exchange& exchange) {
    co_await exchange.backend.runner.settle();
    Backend& backend = exchange.backend;
    if (!backend.settings.single_files) co_return refused(unknown_url(exchange));
    const StoredFile* const file = backend.files.find_own(exchange.account, exchange.id, backend.clock.now());
    co_return file != nullptr ? json_response(200, to_json(*file, backend.clock.now()))
                              : refused(no_such_file(exchange.id));
}

asio::awaitable<Response> remove(Exchange& exchange) {
    Backend& backend = exchange.backend;
    co_await backend.runner.settle();
    const TimePoint now = backend.clock.now();
    if (backend.files.find_own(exchange.account, exchange.id, now) == nullptr)
        co_return refused(no_such_file(exchange.id));
    if (auto removed = backend.files.remove(exchange.id, now); !removed) co_return refused(removed.error());
    ++backend.ledger.traffic.files_deleted;
    const json::object answer{{"object", "file"}, {"deleted", true}, {"id", exchange.id}};
    co_return json_response(200, answer);
}

asio::awaitable<Response> content(Exchange& exchange) {
    Backend& backend = exchange.backend;
    co_await backend.runner.settle();
    StoredFile* const file = backend.files.find_own(exchange.account, exchange.id, backend.clock.now());
    if (file == nullptr) co_return refused(no_such_file(exchange.id));
    ++file->downloads;
    ++backend.ledger.traffic.files_downloaded;
    Response response;
    response.fields.emplace_back("Content-Type", "application/octet-stream");
    response.fields.emplace_back("Content-Disposition",
                                 "attachment; filename=" + quoted_filename(file->filename));
    response.file = FileSlice{backend.files.path_of(file->id), 0, file->size_bytes};
    if (backend.settings.ranges) serve_range(response, exchange.head, *file);
    co_return response;
}

}  // namespace batchd::sim::files_api
