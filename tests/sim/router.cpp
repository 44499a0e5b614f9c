#include "sim/router.hpp"

#include <array>

#include "sim/admin_api.hpp"
#include "sim/azure_texts.hpp"
#include "sim/batches_api.hpp"
#include "sim/direct_api.hpp"
#include "sim/entrance.hpp"
#include "sim/files_api.hpp"

namespace batchd::sim {

namespace asio = boost::asio;

namespace {

constexpr std::array kRoutes = {
    Route{"POST", "/v1/files", files_api::upload},
    Route{"GET", "/v1/files", files_api::list},
    Route{"GET", "/v1/files/*", files_api::retrieve},
    Route{"DELETE", "/v1/files/*", files_api::remove},
    Route{"GET", "/v1/files/*/content", files_api::content},
    Route{"POST", "/v1/batches", batches_api::create},
    Route{"GET", "/v1/batches", batches_api::list},
    Route{"GET", "/v1/batches/*", batches_api::retrieve},
    Route{"POST", "/v1/batches/*/cancel", batches_api::cancel},
    Route{"POST", "/v1/chat/completions", direct_api::generate},
    Route{"POST", "/v1/completions", direct_api::generate},
    Route{"POST", "/v1/responses", direct_api::generate},
    Route{"POST", "/v1/embeddings", direct_api::generate},
    Route{"POST", "/v1/moderations", direct_api::generate},
    Route{"GET", "/v1/models", direct_api::models},
    Route{"POST", "/admin/faults", admin_api::add_fault},
    Route{"DELETE", "/admin/faults", admin_api::clear_faults},
    Route{"POST", "/admin/lies", admin_api::add_lie},
    Route{"DELETE", "/admin/lies", admin_api::clear_lies},
    Route{"POST", "/admin/settings", admin_api::change_settings},
    Route{"GET", "/admin/settings", admin_api::show_settings},
    Route{"POST", "/admin/clock", admin_api::move_clock},
    Route{"POST", "/admin/key", admin_api::change_key},
    Route{"POST", "/admin/keys", admin_api::add_key},
    Route{"POST", "/admin/batches", admin_api::plant_batches},
    Route{"GET", "/admin/report", admin_api::report},
    Route{"POST", "/admin/batches/*", admin_api::force_batch},
};

const Route* find_route(const RequestHead& head) {
    for (const Route& route : kRoutes)
        if (route_matches(std::string(route.method) + " " + route.path, head.method, head.path))
            return &route;
    return nullptr;
}

/// The segment of `path` at the place of the `*` in `pattern`.
std::string id_in(std::string_view path, std::string_view pattern) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return {};
    const std::string_view rest = path.substr(star);
    return std::string(rest.substr(0, rest.find('/')));
}

ApiError unknown_url(const Settings& settings, const RequestHead& head) {
    if (settings.texts == "azure") return azure_texts::not_found();
    bool path_known = false;
    for (const Route& route : kRoutes)
        path_known = path_known || route_matches(std::string("* ") + route.path, head.method, head.path);
    if (path_known)
        return {.status = 405,
                .message = "Not allowed to " + head.method + " on " + head.target + ".",
                .param = "",
                .code = "method_not_supported"};
    return {.status = 404,
            .message = "Invalid URL (" + head.method + " " + head.target + ")",
            .param = "",
            .code = ""};
}

Envelope envelope_for(const RequestHead& head) {
    return head.path.starts_with("/v1/files") ? Envelope::with_detail : Envelope::plain;
}

/// Whose key the request bears, if anybody's.
std::optional<std::string> account_of(const Backend& backend, const RequestHead& head) {
    const std::string key = key_of(backend.settings, head);
    if (key.empty()) return std::nullopt;
    if (key == backend.key) return std::string();
    const auto other = backend.other_keys.find(key);
    return other == backend.other_keys.end() ? std::nullopt : std::optional(other->second);
}

Reply<void> check_key(const Backend& backend, const RequestHead& head) {
    const std::string given = key_of(backend.settings, head);
    if (account_of(backend, head)) return {};
    if (backend.settings.texts == "azure") return azure_texts::wrong_key();
    if (given.empty())
        return ApiError{
            .status = 401,
            .message =
                "You didn't provide an API key. You need to provide your API key in an Authorization "
                "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).",
            .param = "",
            .code = ""};
    return ApiError{.status = 401,
                    .message = "Incorrect API key provided: " + given +
                               ". You can find your API key at https://platform.openai.com/account/api-keys.",
                    .param = "",
                    .code = "invalid_api_key"};
}

}  // namespace

asio::awaitable<Response> handle(Backend& backend, const RequestHead& head, RequestReader& body) {
    if (!head.path.starts_with("/admin/"))
        if (auto allowed = check_key(backend, head); !allowed)
            co_return error_response(allowed.error(), envelope_for(head));
    const Route* const route = find_route(head);
    if (route == nullptr) co_return error_response(unknown_url(backend.settings, head), envelope_for(head));
    Exchange exchange{backend, head, body, account_of(backend, head).value_or(""),
                      id_in(head.path, route->path)};
    co_return co_await route->handler(exchange);
}

ApiError unknown_url(const Exchange& exchange) {
    return unknown_url(exchange.backend.settings, exchange.head);
}

std::string route_label(const RequestHead& head) {
    const Route* const route = find_route(head);
    return route == nullptr ? "unknown" : std::string(route->method) + " " + route->path;
}

}  // namespace batchd::sim
