#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "server/exchange.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::web {

/// Sends all files of a job's folder as one archive, or the part of it that is asked for, in memory for a
/// piece of one. Errors: not_found, before anything is sent, where there is no file; as Exchange; what keeps
/// one from being read.
boost::asio::awaitable<Result<void>> send_folder(server::Exchange& exchange, const store::Job& job,
                                                 boost::asio::thread_pool& pool);

}  // namespace batchd::web
