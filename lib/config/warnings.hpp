#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace batchd::config {

/// What is right as it stands, and probably not meant: lines for people, each with the remedy. Pure.
std::vector<std::string> warnings(const Settings& settings);
/// Those of them that are about the page.
std::vector<std::string> warnings(const Web& web);

}  // namespace batchd::config
