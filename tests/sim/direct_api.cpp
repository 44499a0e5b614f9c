#include "sim/direct_api.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "sim/answers.hpp"
#include "sim/chance.hpp"
#include "sim/fate.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim::direct_api {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t kBodyBytesMax = 64 * 1024 * 1024;

Millis uptime() {
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

Response refused(const ApiError& error) {
    return error_response(error, Envelope::plain);
}

/// A request is among those that are worked on for as long as this lives.
class AtWork {
public:
    explicit AtWork(Generations& generations) : generations_(generations) {
        generations_.at_once_max = std::max(generations_.at_once_max, ++generations_.at_once);
    }
    AtWork(const AtWork&) = delete;
    AtWork& operator=(const AtWork&) = delete;
    ~AtWork() { --generations_.at_once; }

private:
    Generations& generations_;
};

void add_wait(const Settings& settings, Response& response, Millis wait) {
    const auto seconds = static_cast<std::uint64_t>(std::ceil(static_cast<double>(wait.count()) / 1000));
    if (settings.direct_wait == "retry-after")
        response.fields.emplace_back("Retry-After", std::to_string(std::max<std::uint64_t>(1, seconds)));
    if (settings.direct_wait == "retry-after-ms")
        response.fields.emplace_back("retry-after-ms", std::to_string(wait.count()));
}

/// What a server says that has enough; nothing where it lets the request in.
std::optional<Response> busy(Backend& backend) {
    const Settings& settings = backend.settings;
    const std::uint64_t most = settings.direct_at_once;
    if (most == 0 || backend.generations.at_once < most) return std::nullopt;
    const auto status = static_cast<unsigned>(settings.direct_busy);
    Response response =
        refused({.status = status,
                 .message = "server busy, please try again.  maximum pending requests exceeded",
                 .param = "",
                 .code = status == 429 ? "rate_limit_exceeded" : "capacity_exceeded",
                 .type = "server_error"});
    add_wait(settings, response, seconds_to_millis(settings.direct_busy_seconds));
    return response;
}

Response loading() {
    json::object error{{"code", 503}, {"message", "Loading model"}, {"type", "unavailable_error"}};
    return json_response(503, json::object{{"error", std::move(error)}});
}

/// The allowance of a minute; what an answer tells of it goes into `fields`.
std::optional<Response> too_fast(Backend& backend, std::vector<std::pair<std::string, std::string>>& fields) {
    const std::uint64_t a_minute = backend.settings.direct_requests_per_minute;
    if (a_minute == 0) return std::nullopt;
    const Generations::Allowance allowance = backend.generations.draw(a_minute, uptime());
    const double reset =
        (static_cast<double>(a_minute) - allowance.left) / static_cast<double>(a_minute) * 60;
    fields = {
        {"x-ratelimit-limit-requests", std::to_string(a_minute)},
        {"x-ratelimit-remaining-requests", std::to_string(static_cast<std::uint64_t>(allowance.left))},
        {"x-ratelimit-reset-requests", std::to_string(static_cast<std::uint64_t>(reset * 1000)) + "ms"}};
    if (allowance.is_taken) return std::nullopt;
    Response response = refused({.status = 429,
                                 .message = "Rate limit reached on requests per min (RPM): Limit " +
                                            std::to_string(a_minute) + ". Please try again in " +
                                            std::to_string(allowance.next.count()) + "ms.",
                                 .param = "",
                                 .code = "rate_limit_exceeded",
                                 .type = "requests"});
    response.fields.insert(response.fields.end(), fields.begin(), fields.end());
    add_wait(backend.settings, response, allowance.next);
    return response;
}

Reply<InputRow> read(const Backend& backend, const std::string& path,
                     const std::optional<std::string>& body) {
    boost::system::error_code ec;
    json::value parsed = body ? json::parse(*body, ec) : json::value();
    if (ec || !parsed.is_object())
        return ApiError{.status = 400,
                        .message = "We could not parse the JSON body of your request.",
                        .param = "",
                        .code = ""};
    json::object line{{"custom_id", "x"}, {"method", "POST"}, {"url", path}, {"body", std::move(parsed)}};
    RowContext context;
    context.endpoint = path;
    auto row = read_row(line, context);
    if (!row) return row;
    row->custom_id = row->text;
    if (backend.settings.unknown_models.contains(row->model))
        return ApiError{.status = 404,
                        .message = "The model `" + row->model + "` does not exist.",
                        .param = "model",
                        .code = "model_not_found"};
    return row;
}

asio::awaitable<void> wait_seconds(double seconds) {
    asio::steady_timer timer(co_await asio::this_coro::executor, seconds_to_millis(seconds));
    co_await timer.async_wait(asio::use_awaitable);
}

Response answer_of(const Backend& backend, const InputRow& row, const std::string& path, const Fate& fate) {
    if (fate.status < 200 || fate.status >= 300)
        return json_response(fate.status, error_answer(row, fate.status));
    AnswerContext context;
    context.endpoint = path;
    context.now = backend.clock.now();
    context.text_bytes_min = backend.settings.answer_bytes;
    Response response;
    response.fields.emplace_back("Content-Type", "application/json");
    response.fields.emplace_back("x-request-id", "req_" + random_hex(24));
    response.body = answer(row, context).json;
    return response;
}

}  // namespace

asio::awaitable<Response> models(Exchange& exchange) {
    (void)exchange;
    json::object list{{"object", "list"}, {"data", json::array()}};
    co_return json_response(200, list);
}

asio::awaitable<Response> generate(Exchange& exchange) {
    Backend& backend = exchange.backend;
    Generations& generations = backend.generations;
    const std::string path = exchange.head.path;
    const auto body = co_await exchange.body.read_whole(kBodyBytesMax);
    std::vector<std::pair<std::string, std::string>> told;
    std::optional<Response> refusal;
    if (backend.settings.direct_loading) refusal = loading();
    if (!refusal) refusal = busy(backend);
    if (!refusal) refusal = too_fast(backend, told);
    if (refusal) {
        ++generations.refused;
        co_return std::move(*refusal);
    }
    const auto row = read(backend, path, body);
    if (!row) co_return refused(row.error());
    const std::uint64_t run = ++generations.runs[row->text];
    const Fate fate = draw_fate(backend.settings, *row, std::to_string(run), run);
    // Paid from its beginning: hardly any server notices that nobody listens any more.
    if (fate.status / 100 == 2) ++generations.paid[row->text];
    const AtWork at_work(generations);
    const double spread = 1 + seeded_share(backend.settings.seed, row->text);
    if (backend.settings.direct_seconds > 0) co_await wait_seconds(backend.settings.direct_seconds * spread);
    Response response = answer_of(backend, *row, path, fate);
    response.fields.insert(response.fields.end(), told.begin(), told.end());
    co_return response;
}

}  // namespace batchd::sim::direct_api
