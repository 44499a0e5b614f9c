#pragma once

#include <span>
#include <string>
#include <string_view>

namespace batchd::notify {

/// "v1,BASE64" of each key, with a space between: HMAC-SHA256 over "ID.TIMESTAMP.BODY". `timestamp` is in
/// seconds since 1970. Source: Standard Webhooks 1.0, "Signature scheme".
std::string webhook_signature(std::span<const std::string> keys, std::string_view id,
                              std::string_view timestamp, std::string_view body);

}  // namespace batchd::notify
