#include "provider/direct/wire/request_head.hpp"

namespace batchd::provider::direct {
namespace {

/// "v1", "v4", "v1beta".
bool is_version(std::string_view segment) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (segment.size() < 2 || segment[0] != 'v' || !is_digit(segment[1])) return false;
    for (const char c : segment.substr(1))
        if (!is_digit(c) && !(c >= 'a' && c <= 'z')) return false;
    return true;
}

}  // namespace

std::string request_target(std::string_view base_path, std::string_view url) {
    while (base_path.ends_with('/')) base_path.remove_suffix(1);
    if (!base_path.empty() && url.starts_with('/')) {
        const std::size_t end = url.find('/', 1);
        // The version of the line gives way to that of the address: "/v1" is what OpenAI's files say whoever
        // answers them.
        if (end != std::string_view::npos && is_version(url.substr(1, end - 1))) url.remove_prefix(end);
    }
    return std::string(base_path) + (url.starts_with('/') ? "" : "/") + std::string(url);
}

http::Request make_request(const RunHead& head, std::string_view url, std::string body, std::uint64_t row,
                           std::uint64_t attempt) {
    http::Request request;
    request.method = http::Method::post;
    request.target = request_target(head.base_path, url);
    if (!head.query.empty())
        request.target += (request.target.find('?') == std::string::npos ? "?" : "&") + head.query;
    request.headers = head.auth;
    request.headers.push_back({"Content-Type", "application/json"});
    request.headers.push_back({"Accept", "application/json"});
    request.headers.push_back({"X-Client-Request-Id", "batchd-" + head.tag + "-" + std::to_string(row) + "-" +
                                                          std::to_string(attempt)});
    request.body = std::move(body);
    return request;
}

}  // namespace batchd::provider::direct
