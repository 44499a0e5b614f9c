#pragma once

#include <optional>

#include "config/load.hpp"

namespace batchd {

/// Reads the configuration; what is wrong with it goes to standard error, each problem a line.
std::optional<config::Loaded> load_configuration(const std::optional<Path>& file);

}  // namespace batchd
