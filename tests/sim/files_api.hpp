#pragma once

#include "sim/router.hpp"

/// The Files API.
namespace batchd::sim::files_api {

boost::asio::awaitable<Response> upload(Exchange& exchange);
boost::asio::awaitable<Response> list(Exchange& exchange);
boost::asio::awaitable<Response> retrieve(Exchange& exchange);
boost::asio::awaitable<Response> remove(Exchange& exchange);
boost::asio::awaitable<Response> content(Exchange& exchange);

}  // namespace batchd::sim::files_api
