#pragma once

#include <string>

#include "base/result.hpp"
#include "config/keys/api_key.hpp"
#include "config/load.hpp"

namespace batchd::config {

/// The configuration in force as TOML, which load() reads back as the same, with a comment on each line where
/// its value came from, and at the end where the API key comes from, never the key.
std::string print(const Loaded& loaded, const Result<ApiKey>& api_key);

}  // namespace batchd::config
