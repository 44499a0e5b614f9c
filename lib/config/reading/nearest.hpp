#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace batchd::config {

/// What is wrong with a name that is no key and no section, with the one that was probably meant. `name` is
/// dotted: "spool.inbx", "queue.nightly.modle", "spol". Pure.
std::string unknown_name(std::string_view name);

/// What is wrong with a provider's name that no table has, with the one that was probably meant.
std::string unknown_provider(const Settings& settings, const std::string& name);

}  // namespace batchd::config
