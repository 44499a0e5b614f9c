#pragma once

#include <string>
#include <string_view>

#include "sim/http_message.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

/// The path of a request as the routes have it ("/v1/files"), wherever the service has its API. One that is
/// not the service's, or lacks the query that it asks for, is the path of nothing.
std::string path_within(const Settings& settings, const RequestHead& head);

/// The key that a request bears, where the service looks for it; "" where there is none.
std::string key_of(const Settings& settings, const RequestHead& head);

/// `endpoint` by the name that OpenAI has for it: "/chat/completions" and "/v4/chat/completions" are
/// "/v1/chat/completions".
std::string plain_endpoint(std::string_view endpoint);

}  // namespace batchd::sim
