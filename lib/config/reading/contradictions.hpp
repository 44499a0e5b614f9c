#pragma once

#include <functional>

#include "config/load.hpp"

namespace batchd::config {

/// Where a key, or else its section, stands; the name of the file where both are silent.
using PlaceOf = std::function<std::string(const std::string& key)>;

/// What is wrong between values that are right each by itself, and what `checks` find. Pure, but for those.
std::vector<Problem> contradictions(const Loaded& loaded, const PlaceOf& place_of, const Checks& checks);

}  // namespace batchd::config
