#include "sim/batches_api.hpp"

#include <chrono>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "sim/azure_texts.hpp"
#include "sim/create_request.hpp"
#include "sim/header_params.hpp"
#include "sim/query_number.hpp"
#include "sim/token_limit_text.hpp"

namespace batchd::sim::batches_api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t kBodyBytesMax = 1024 * 1024;
constexpr std::uint64_t kListMax = 100;
constexpr std::uint64_t kListStandard = 20;
constexpr std::uint64_t kBytesPerToken = 4;

Response refused(const ApiError& error) {
    return error_response(error, Envelope::plain);
}

Reply<json::value> parse_body(const RequestHead& head, const std::optional<std::string>& body) {
    const auto type = parse_header_value(head.field("content-type"));
    boost::system::error_code ec;
    json::value value;
    if (body) value = json::parse(*body, ec);
    if (!body || ec || !type || type->value != "application/json")
        return ApiError{.status = 400,
                        .message =
                            "We could not parse the JSON body of your request. The API expects a body with "
                            "Content-Type: application/json.",
                        .param = "",
                        .code = ""};
    return value;
}

Reply<void> check_file(const Backend& backend, const StoredFile* file, const std::string& id) {
    if (file != nullptr && backend.clock.now() < file->processed_at)
        return azure_texts::file_not_processed(id);
    if (backend.settings.missing_file != "400" || (file != nullptr && file->purpose == "batch")) return {};
    return ApiError{
        .status = 400,
        .message = "Cannot find file " + id + ", or project proj_simulation does not have access to it.",
        .param = "file_id",
        .code = ""};
}

/// Refuses at create where the service is set to do it then, not in validation.
Reply<void> check_tokens(const Backend& backend, const std::string& model, std::uint64_t tokens) {
    const auto limit = backend.settings.token_limits.find(model);
    if (backend.settings.token_limit_answer == "failed" || limit == backend.settings.token_limits.end())
        return {};
    if (backend.batches.enqueued_tokens(model) + tokens <= limit->second) return {};
    return ApiError{.status = backend.settings.token_limit_answer == "400" ? 400U : 429U,
                    .message = token_limit_text(backend.settings, model, limit->second),
                    .param = "",
                    .code = "token_limit_exceeded"};
}

/// What a gateway does that tries again by itself: the client learns of the second batch only.
Batch& with_twin(Backend& backend, Batch& first) {
    Batch& second = backend.batches.add(first.request, backend.settings, first.created_at);
    second.account = first.account;
    second.enqueued_model = first.enqueued_model;
    second.enqueued_tokens = first.enqueued_tokens;
    backend.runner.watch(second);
    return second;
}

Reply<const Batch*> create_from(Backend& backend, const std::string& account, CreateRequest request) {
    const std::string file_id = request.input_file_id;
    const TimePoint now = backend.clock.now();
    const StoredFile* const file = backend.files.find_own(account, file_id, now);
    if (auto ok = check_file(backend, file, file_id); !ok) return ok.error();
    const std::string model =
        file == nullptr ? std::string() : model_of_first_line(backend.files.path_of(file_id));
    const std::uint64_t tokens = file == nullptr ? 0 : file->size_bytes / kBytesPerToken;
    if (auto ok = check_tokens(backend, model, tokens); !ok) return ok.error();
    const auto earlier = backend.batches.of_file(file_id);
    Batch& batch = backend.batches.add(std::move(request), backend.settings, now);
    batch.account = account;
    batch.enqueued_model = model;
    batch.enqueued_tokens = tokens;
    backend.ledger.batch_created(batch, earlier);
    backend.runner.watch(batch);
    return backend.settings.twin_batch.contains(batch.number) ? &with_twin(backend, batch) : &batch;
}

/// The model of the first line, where nobody may use it; else "".
std::string forbidden_model(const Exchange& exchange, const CreateRequest& request) {
    Backend& backend = exchange.backend;
    if (backend.settings.forbidden_models.empty()) return {};
    const std::string& id = request.input_file_id;
    if (backend.files.find_own(exchange.account, id, backend.clock.now()) == nullptr) return {};
    const std::string model = model_of_first_line(backend.files.path_of(id));
    return backend.settings.forbidden_models.contains(model) ? model : std::string();
}

/// What is said to a create beyond those that the account may make in an hour; nothing where it may.
std::optional<Response> too_many(const Exchange& exchange) {
    const Settings& settings = exchange.backend.settings;
    if (settings.batches_per_hour == 0) return std::nullopt;
    const TimePoint now = exchange.backend.clock.now();
    const TimePoint room = exchange.backend.batches.room_at(exchange.account, settings.batches_per_hour);
    if (room <= now) return std::nullopt;
    const auto wait = std::to_string(std::chrono::ceil<std::chrono::seconds>(room - now).count());
    Response response = refused({.status = 429,
                                 .message = "Rate limit reached on batches per hour: Limit " +
                                            std::to_string(settings.batches_per_hour) +
                                            ". Please try again in " + wait + "s.",
                                 .param = "",
                                 .code = "rate_limit_exceeded",
                                 .type = "requests"});
    if (settings.batches_wait == "retry-after") response.fields.emplace_back("Retry-After", wait);
    return response;
}

Response no_access_to(const std::string& model) {
    return {.status = 403,
            .fields = {{"Content-Type", "text/plain"}},
            .body = "Model " + model + " is not available to this account.",
            .file = {}};
}

}  // namespace

asio::awaitable<Response> create(Exchange& exchange) {
    Backend& backend = exchange.backend;
    const auto text = co_await exchange.body.read_whole(kBodyBytesMax);
    const auto body = parse_body(exchange.head, text);
    if (!body) co_return refused(body.error());
    auto request = read_create_request(*body, exchange.backend.settings);
    if (!request) co_return refused(request.error());
    co_await backend.runner.settle();
    if (const std::string model = forbidden_model(exchange, *request); !model.empty())
        co_return no_access_to(model);
    if (auto full = too_many(exchange)) co_return std::move(*full);
    const auto batch = create_from(backend, exchange.account, std::move(*request));
    co_return batch ? json_response(200, to_json(**batch, backend.clock.now())) : refused(batch.error());
}

asio::awaitable<Response> list(Exchange& exchange) {
    co_await exchange.backend.runner.settle();
    if (exchange.backend.settings.no_lists.contains("batches")) co_return refused(unknown_url(exchange));
    const auto limit =
        query_number(exchange.head, "limit", {.min = 1, .max = kListMax, .standard = kListStandard});
    if (!limit) co_return refused(limit.error());
    const Backend& backend = exchange.backend;
    const BatchQuery query{exchange.account, *limit, std::string(exchange.head.parameter("after"))};
    auto page = backend.batches.list(query, backend.settings, backend.clock.now());
    co_return page ? json_response(200, *page) : refused(page.error());
}

asio::awaitable<Response> retrieve(Exchange& exchange) {
    Backend& backend = exchange.backend;
    co_await backend.runner.settle();
    const auto batch = backend.batches.find_own(exchange.account, exchange.id);
    co_return batch ? json_response(200, to_json(**batch, backend.clock.now())) : refused(batch.error());
}

asio::awaitable<Response> cancel(Exchange& exchange) {
    Backend& backend = exchange.backend;
    co_await exchange.body.drain();
    co_await backend.runner.settle();
    const auto batch = backend.batches.find_own(exchange.account, exchange.id);
    if (!batch) co_return refused(batch.error());
    const TimePoint now = backend.clock.now();
    if (auto done = sim::cancel(**batch, backend.settings, now); !done) co_return refused(done.error());
    ++backend.ledger.traffic.cancels;
    backend.runner.watch(**batch);
    co_return json_response(200, to_json(**batch, now));
}

}  // namespace batchd::sim::batches_api
