#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/basic_stream.hpp>

namespace batchd::server {

/// A connection of either family, with a time limit on each operation: beast::error::timeout, and it is
/// closed.
using Stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;

/// Completion of an operation whose failure is to be expected: `auto [ec, …] = co_await …`.
inline constexpr auto kTuple = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace batchd::server
