#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace batchd::config {

/// Looks up an environment variable. One that is set to nothing counts as not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

/// The variables of this process.
Environment system_environment();

/// An environment that has these variables and no others, for tests.
Environment fixed_environment(std::map<std::string, std::string, std::less<>> variables);

}  // namespace batchd::config
