#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "sim/backend.hpp"
#include "sim/http_message.hpp"
#include "sim/request_reader.hpp"

namespace batchd::sim {

/// One request while it is handled.
struct Exchange {
    Backend& backend;
    const RequestHead& head;
    RequestReader& body;
    std::string account;  ///< whose key it came with
    std::string id;       ///< the segment that `*` of the route stood for
};

/// Finds out who is to answer a request, checks the key, and lets it be answered.
boost::asio::awaitable<Response> handle(Backend& backend, const RequestHead& head, RequestReader& body);

/// The refusal of a route that the service does not have.
ApiError unknown_url(const Exchange& exchange);

/// How the ledger calls the route of a request: "GET /v1/files/*".
std::string route_label(const RequestHead& head);

/// Handlers of one route each.
using Handler = boost::asio::awaitable<Response> (*)(Exchange& exchange);

struct Route {
    const char* method;
    const char* path;
    Handler handler;
};

}  // namespace batchd::sim
