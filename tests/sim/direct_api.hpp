#pragma once

#include "sim/router.hpp"

/// The endpoints that answer at once, as any server of models has them.
namespace batchd::sim::direct_api {

boost::asio::awaitable<Response> generate(Exchange& exchange);
boost::asio::awaitable<Response> models(Exchange& exchange);

}  // namespace batchd::sim::direct_api
