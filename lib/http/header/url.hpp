#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace batchd::http {

enum class Scheme { http, https };

/// Whom a connection is for. Two requests may share credentials only when their origins are equal.
struct Origin {
    Scheme scheme = Scheme::https;
    std::string host;  ///< lower case; an IPv6 address without its brackets
    std::uint16_t port = 443;
    bool operator==(const Origin&) const = default;
};

struct Url {
    Origin origin;
    std::string target = "/";  ///< path and query; begins with "/"
};

/// Reads "scheme://host[:port][/path][?query][#fragment]"; the fragment is dropped.
/// Errors: bad_input for another scheme, user information, control characters, a bad host or port.
/// Source: RFC 3986, the part of it that an http origin needs.
Result<Url> parse_url(std::string_view text);

/// Where a Location header leads that came in answer to `from`. Errors: as parse_url().
Result<Url> resolve_location(const Url& from, std::string_view location);

/// "host", or "host:port" where the port isn't the scheme's own; IPv6 addresses in brackets.
std::string host_header(const Origin& origin);

/// "https://host:port", for people.
std::string to_string(const Origin& origin);

/// True for "localhost", names below it, 127.0.0.0/8 and ::1.
bool is_loopback(std::string_view host);

/// True for http to another machine: whoever is on the way can read it.
bool is_in_the_clear(const Origin& origin);

/// True for an IPv4 or IPv6 address, as against a name.
bool is_address(std::string_view host);

/// Everything but RFC 3986's unreserved characters as %XX, so that a value can't leave its place in a path or
/// query.
std::string percent_encode(std::string_view text);

}  // namespace batchd::http
