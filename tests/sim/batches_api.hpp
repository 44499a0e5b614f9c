#pragma once

#include "sim/router.hpp"

/// The Batches API.
namespace batchd::sim::batches_api {

boost::asio::awaitable<Response> create(Exchange& exchange);
boost::asio::awaitable<Response> list(Exchange& exchange);
boost::asio::awaitable<Response> retrieve(Exchange& exchange);
boost::asio::awaitable<Response> cancel(Exchange& exchange);

}  // namespace batchd::sim::batches_api
