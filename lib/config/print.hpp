#pragma once

#include <map>
#include <string>

#include "base/result.hpp"
#include "config/keys/api_key.hpp"
#include "config/load.hpp"

namespace batchd::config {

/// Of each provider by name, "" for [provider], where its key is from.
using ApiKeys = std::map<std::string, Result<ApiKey>>;

/// The configuration in force as TOML, which load() reads back as the same, with a comment on each line where
/// its value came from; what a queue takes from elsewhere is a comment as a whole. At the end is where the
/// API keys come from, never a key.
std::string print(const Loaded& loaded, const ApiKeys& api_keys);

/// Only what differs from the defaults, of a provider from those of its kind.
std::string print_changed(const Loaded& loaded);

}  // namespace batchd::config
