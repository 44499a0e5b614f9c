#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/disk/fd.hpp"
#include "server/exchange.hpp"
#include "web/request/range.hpp"

namespace batchd::web {

/// Sends a file, or the part of it that is asked for, as an attachment: a browser keeps it and never shows
/// it. Errors: as Exchange; what keeps it from being read.
boost::asio::awaitable<Result<void>> send_file(server::Exchange& exchange, UniqueFd file,
                                               const std::string& name, boost::asio::thread_pool& pool);

/// Sends a part of a file in the middle of an answer. Errors: as Exchange; corrupt where the file ends
/// before.
boost::asio::awaitable<Result<void>> send_bytes(server::Exchange& exchange, const UniqueFd& file, Range range,
                                                boost::asio::thread_pool& pool);

}  // namespace batchd::web
