#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchd::control {

/// The NAME of "/v1/notify/NAME/test"; nothing for any other path.
std::optional<std::string> parse_notify_test_path(std::string_view path);

/// The path for it.
std::string notify_test_path(std::string_view name);

}  // namespace batchd::control
