#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.hpp"

namespace batchd::provider::direct {

/// Where a line's request goes: the path of the base_url and the line's url, of which one leading version
/// segment gives way to the base_url's, which is "up to and with the version": "/openai/v1" and
/// "/v1/embeddings" make "/openai/v1/embeddings". A base_url that is only a host has no version of its own,
/// and the line's url stays as it is.
std::string request_target(std::string_view base_path, std::string_view url);

/// Whom and what the requests of a run are for.
struct RunHead {
    std::string base_path;           ///< of the base_url: "/v1", or ""
    std::string query{};             ///< of every request, without '?'; "": none
    std::string tag;                 ///< of the run; [A-Za-z0-9_-], tells it from others in ids
    std::vector<http::Header> auth;  ///< what bears the key, and whatever else goes with every request
};

/// POST of `body` for the row `row`, in its attempt `attempt`. The id in X-Client-Request-Id is for whoever
/// looks for it in the server's logs; it makes nothing happen only once.
http::Request make_request(const RunHead& head, std::string_view url, std::string body, std::uint64_t row,
                           std::uint64_t attempt);

}  // namespace batchd::provider::direct
