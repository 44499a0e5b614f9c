#include "sim/entrance.hpp"

namespace batchd::sim {
namespace {

constexpr std::string_view kRoot = "/v1";

bool is_version(std::string_view segment) {
    return segment.size() == 2 && segment[0] == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

}  // namespace

std::string path_within(const Settings& settings, const RequestHead& head) {
    if (head.path.starts_with("/admin/")) return head.path;
    const std::string nowhere = "/nowhere" + head.path;
    const std::string& query = settings.required_query;
    if (!head.path.starts_with(settings.base_path + "/")) return nowhere;
    if (!query.empty() && head.parameter(query).empty()) return nowhere;
    return std::string(kRoot) + head.path.substr(settings.base_path.size());
}

std::string key_of(const Settings& settings, const RequestHead& head) {
    constexpr std::string_view kBearer = "Bearer ";
    const std::string_view bearer = head.field("authorization");
    if (settings.auth != "api-key" && bearer.starts_with(kBearer))
        return std::string(bearer.substr(kBearer.size()));
    return settings.auth == "bearer" ? std::string() : std::string(head.field("api-key"));
}

std::string plain_endpoint(std::string_view endpoint) {
    if (!endpoint.starts_with('/')) return std::string(endpoint);
    std::string_view rest = endpoint.substr(1);
    const std::string_view first = rest.substr(0, rest.find('/'));
    if (is_version(first)) rest.remove_prefix(std::min(first.size() + 1, rest.size()));
    return std::string(kRoot) + "/" + std::string(rest);
}

}  // namespace batchd::sim
