#include "control/notify_test_path.hpp"

#include "config/values/table_name.hpp"

namespace batchd::control {
namespace {

constexpr std::string_view kBefore = "/v1/notify/", kBehind = "/test";

}  // namespace

std::optional<std::string> parse_notify_test_path(std::string_view path) {
    if (!path.starts_with(kBefore) || !path.ends_with(kBehind)) return std::nullopt;
    if (path.size() < kBefore.size() + kBehind.size()) return std::nullopt;
    path.remove_prefix(kBefore.size());
    path.remove_suffix(kBehind.size());
    return config::is_table_name(path) ? std::optional(std::string(path)) : std::nullopt;
}

std::string notify_test_path(std::string_view name) {
    return std::string(kBefore) + std::string(name) + std::string(kBehind);
}

}  // namespace batchd::control
