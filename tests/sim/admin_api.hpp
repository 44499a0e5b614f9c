#pragma once

#include "sim/router.hpp"

/// What tests say to the simulation itself, under /admin and without a key.
namespace batchd::sim::admin_api {

boost::asio::awaitable<Response> add_fault(Exchange& exchange);
boost::asio::awaitable<Response> clear_faults(Exchange& exchange);
boost::asio::awaitable<Response> change_settings(Exchange& exchange);
boost::asio::awaitable<Response> show_settings(Exchange& exchange);
boost::asio::awaitable<Response> move_clock(Exchange& exchange);
boost::asio::awaitable<Response> change_key(Exchange& exchange);
boost::asio::awaitable<Response> report(Exchange& exchange);
boost::asio::awaitable<Response> force_batch(Exchange& exchange);

}  // namespace batchd::sim::admin_api

namespace batchd::sim {

/// Everything the ledger has, with the batches as they stand.
boost::json::object full_report(const Backend& backend, RowDetail detail);

}  // namespace batchd::sim
