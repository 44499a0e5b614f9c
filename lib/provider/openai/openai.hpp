#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "provider/api_key.hpp"
#include "provider/provider.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::provider {

/// The Batch and Files APIs of OpenAI and of whoever speaks like it. `key`, `pool` and `clock` must outlive
/// it. Errors: bad_input for a base URL that can't be used; the system's or OpenSSL's for a ca_file that
/// can't be read. Source: https://platform.openai.com/docs/api-reference/batch
Result<std::unique_ptr<Provider>> make_openai(const config::Provider& settings, const ApiKey& key,
                                              boost::asio::any_io_executor executor,
                                              boost::asio::thread_pool& pool, Clock& clock);

}  // namespace batchd::provider
