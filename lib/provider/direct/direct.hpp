#pragma once

#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "base/disk/file.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "provider/api_key.hpp"
#include "provider/provider.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::provider {

/// Servers without a batch API as one: files and batches are kept in `folder` on this disk, and run() sends
/// the requests of each batch one by one. `name`: of the account; it says where the batches are, whatever
/// server answers them. `key`, `pool` and `clock` must outlive it. Errors: as make_openai().
Result<std::unique_ptr<Provider>> make_direct(const std::string& name, const config::Provider& settings,
                                              const config::Retry& backoff, const Path& folder,
                                              const ApiKey& key, boost::asio::any_io_executor executor,
                                              boost::asio::thread_pool& pool, Clock& clock);

}  // namespace batchd::provider
