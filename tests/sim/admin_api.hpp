#pragma once

#include "sim/router.hpp"

/// What tests say to the simulation itself, under /admin and without a key.
namespace batchd::sim::admin_api {

boost::asio::awaitable<Response> add_fault(Exchange& exchange);
boost::asio::awaitable<Response> clear_faults(Exchange& exchange);
boost::asio::awaitable<Response> add_lie(Exchange& exchange);
boost::asio::awaitable<Response> clear_lies(Exchange& exchange);
boost::asio::awaitable<Response> change_settings(Exchange& exchange);
boost::asio::awaitable<Response> show_settings(Exchange& exchange);
boost::asio::awaitable<Response> move_clock(Exchange& exchange);
boost::asio::awaitable<Response> change_key(Exchange& exchange);
boost::asio::awaitable<Response> add_key(Exchange& exchange);
boost::asio::awaitable<Response> plant_batches(Exchange& exchange);
boost::asio::awaitable<Response> report(Exchange& exchange);
boost::asio::awaitable<Response> force_batch(Exchange& exchange);

}  // namespace batchd::sim::admin_api

namespace batchd::sim {

/// Puts batches of somebody else into the account "": `count` of them, made `age_seconds` ago, with the
/// members of `set` in place of their own, and with `first` before everything else in a listing. Errors:
/// bad_input.
Result<void> plant(Backend& backend, const boost::json::object& order);

/// Everything the ledger has, with the batches as they stand, but for those that were planted.
boost::json::object full_report(const Backend& backend, RowDetail detail);

}  // namespace batchd::sim
