#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace batchd::config {

/// The address of a provider as we use it, without '/' at the end; nothing when it is not one. It is https://
/// or http://. No user, query or fragment. Source: RFC 3986, of which only what providers use is taken.
std::optional<std::string> normalize_base_url(std::string_view text);

/// True for http:// to another machine than this. `url` is a normal one.
bool crosses_network_in_the_clear(std::string_view url);

/// True for localhost, 127.0.0.0/8 and [::1]. `host` as it stands in a URL.
bool is_loopback(std::string_view host);

}  // namespace batchd::config
