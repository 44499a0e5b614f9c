#include "sim/admin_api.hpp"

#include <algorithm>
#include <memory>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "sim/json_edit.hpp"

namespace batchd::sim {

namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t kBodyBytesMax = 16 * 1024 * 1024;

Response bad(std::string message) {
    return error_response({.status = 400, .message = std::move(message), .param = "", .code = ""},
                          Envelope::plain);
}

Response done() {
    return json_response(200, json::object{{"ok", true}});
}

asio::awaitable<Reply<json::object>> read_object(Exchange& exchange) {
    const auto text = co_await exchange.body.read_whole(kBodyBytesMax);
    boost::system::error_code ec;
    json::value value = text ? json::parse(*text, ec) : json::value();
    if (ec || !value.is_object())
        co_return ApiError{
            .status = 400, .message = "the body must be a JSON object", .param = "", .code = ""};
    co_return std::move(value.get_object());
}

/// The errors that a forced failure shows.
std::vector<LineError> read_errors(const json::object& from) {
    const json::value* const list = from.if_contains("errors");
    auto errors = list == nullptr ? std::vector<LineError>() : parse_line_errors(*list).value();
    if (errors.empty()) errors.push_back({"server_error", "The batch failed.", "", std::nullopt});
    return errors;
}

/// Makes all that is left of the batch due now.
void hurry(Batch& batch, TimePoint now) {
    batch.plan.validating = batch.plan.in_progress = batch.plan.finalizing = batch.plan.cancelling =
        Millis(0);
    batch.not_before = now;
}

Reply<void> force(Batch& batch, const json::object& order, TimePoint now) {
    const json::value* const action = order.if_contains("action");
    if (action == nullptr || !(*action == "expire" || *action == "fail" || *action == "finish"))
        return ApiError{
            .status = 400, .message = "action must be expire, fail or finish", .param = "action", .code = ""};
    if (is_terminal(batch.status))
        return ApiError{.status = 409, .message = "the batch is over", .param = "", .code = ""};
    if (*action == "fail") {
        batch.status = Status::failed;
        batch.failed_at = now;
        batch.errors = read_errors(order);
        return {};
    }
    if (*action == "expire") {
        boost::system::error_code ec;
        const json::value* const share = order.if_contains("done");
        batch.plan.done =
            share == nullptr ? progress(batch, now) : std::clamp(share->to_number<double>(ec), 0.0, 1.0);
        batch.plan.end = Plan::End::expires;
        batch.expires_at = unix_seconds(now);
    }
    hurry(batch, now);
    return {};
}

}  // namespace

json::object full_report(const Backend& backend, RowDetail detail) {
    json::object report = backend.ledger.report(detail);
    json::array batches;
    for (const Batch& batch : backend.batches.all()) {
        if (batch.planted) continue;
        json::object shown = to_json(batch, backend.clock.now());
        shown["input_sha256"] = batch.sha256.empty() ? json::value(nullptr) : json::value(batch.sha256);
        batches.push_back(std::move(shown));
    }
    report["batches"] = std::move(batches);
    report["direct"] = backend.generations.report();
    return report;
}

Result<void> plant(Backend& backend, const json::object& order) {
    boost::system::error_code ec;
    const auto number = [&](std::string_view key, std::uint64_t standard) {
        const json::value* const value = order.if_contains(key);
        return value == nullptr ? standard : value->to_number<std::uint64_t>(ec);
    };
    const std::uint64_t count = number("count", 1);
    const auto age = std::chrono::seconds(number("age_seconds", 0));
    const json::value* const set = order.if_contains("set");
    if (ec || (set != nullptr && !set->is_object()))
        return error(Errc::bad_input, "count and age_seconds must be whole numbers, set an object");
    auto members = std::make_shared<json::object>(set == nullptr ? json::object() : set->get_object());
    if (const std::uint64_t bytes = number("errors_bytes", 0); bytes > 0)
        (*members)["errors"] = json::object{
            {"object", "list"},
            {"data", filled_with({{"code", "invalid_value"}, {"message", "Wrong."}, {"line", 1}}, bytes)}};
    const json::value* const first = order.if_contains("first");
    for (std::uint64_t i = 0; i < count; ++i)
        backend.batches.plant(members, backend.clock.now() - age).listed_first =
            first != nullptr && *first == true;
    return {};
}

namespace admin_api {

asio::awaitable<Response> add_fault(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    // Rules for rows may be given here too: to a test they are faults like any other.
    if (json::value* const rows = order->if_contains("rows")) {
        const json::object change{{"rows", *rows}};
        const auto applied = apply(exchange.backend.settings, change);
        co_return applied ? done() : bad(applied.error().context);
    }
    const auto added = exchange.backend.faults.add(*order);
    co_return added ? done() : bad(added.error().context);
}

asio::awaitable<Response> clear_faults(Exchange& exchange) {
    exchange.backend.faults.clear();
    exchange.backend.settings.rows.clear();
    co_return done();
}

asio::awaitable<Response> add_lie(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    const auto added = exchange.backend.lies.add(*order);
    co_return added ? done() : bad(added.error().context);
}

asio::awaitable<Response> clear_lies(Exchange& exchange) {
    exchange.backend.lies.clear();
    co_return done();
}

asio::awaitable<Response> plant_batches(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    const auto planted = plant(exchange.backend, *order);
    co_return planted ? done() : bad(planted.error().context);
}

asio::awaitable<Response> change_settings(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    co_await exchange.backend.runner.settle();  // what is due by now is due under the old settings
    const auto applied = apply(exchange.backend.settings, *order);
    co_return applied ? done() : bad(applied.error().context);
}

asio::awaitable<Response> show_settings(Exchange& exchange) {
    co_return json_response(200, to_json(exchange.backend.settings));
}

asio::awaitable<Response> move_clock(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    const json::value* const seconds = order->if_contains("advance_seconds");
    boost::system::error_code ec;
    const double by = seconds == nullptr ? 0 : seconds->to_number<double>(ec);
    if (seconds == nullptr || ec) co_return bad("advance_seconds must be a number");
    exchange.backend.clock.advance(seconds_to_millis(by));
    const json::object answer{{"now", unix_seconds(exchange.backend.clock.now())}};
    co_return json_response(200, answer);
}

asio::awaitable<Response> change_key(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    const json::value* const key = order->if_contains("key");
    if (key == nullptr || !key->is_string()) co_return bad("key must be a string");
    exchange.backend.key = std::string(key->get_string());
    co_return done();
}

asio::awaitable<Response> add_key(Exchange& exchange) {
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    const json::value* const key = order->if_contains("key");
    const json::value* const account = order->if_contains("account");
    if (key == nullptr || !key->is_string() || account == nullptr || !account->is_string())
        co_return bad("key and account must be strings");
    exchange.backend.other_keys[std::string(key->get_string())] = std::string(account->get_string());
    co_return done();
}

asio::awaitable<Response> report(Exchange& exchange) {
    co_await exchange.backend.runner.settle();
    const RowDetail detail =
        exchange.head.parameter("rows") == "0" ? RowDetail::leave_out : RowDetail::include;
    co_return json_response(200, full_report(exchange.backend, detail));
}

asio::awaitable<Response> force_batch(Exchange& exchange) {
    Backend& backend = exchange.backend;
    auto order = co_await read_object(exchange);
    if (!order) co_return bad(order.error().message);
    co_await backend.runner.settle();
    const auto batch = backend.batches.find(exchange.id);
    if (!batch) co_return error_response(batch.error(), Envelope::plain);
    const auto forced = force(**batch, *order, backend.clock.now());
    if (!forced) co_return error_response(forced.error(), Envelope::plain);
    backend.runner.watch(**batch);
    co_await backend.runner.settle();
    co_return json_response(200, to_json(**batch, backend.clock.now()));
}

}  // namespace admin_api

}  // namespace batchd::sim
