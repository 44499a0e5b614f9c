#include "config/values/base_url.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

#include "base/text/letter_case.hpp"

namespace batchd::config {
namespace {

// Servers are to take first lines of 8,000 bytes, and this is only their beginning. Source: RFC 9112, 3.
constexpr std::size_t kUrlBytesMax = 2048;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "[::1]" and the like.
bool is_ipv6_literal(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
    in6_addr address{};
    return ::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

bool is_host(std::string_view host) {
    const auto fits = [](char c) { return is_alphanumeric(c) || c == '-' || c == '.' || c == '_'; };
    if (host.starts_with('[')) return is_ipv6_literal(host);
    // The longest name that the DNS has. An underscore is no letter of a host's name, and some networks have
    // them. Source: RFC 1035, 2.3.4.
    return !host.empty() && host.size() <= 253 && !host.starts_with('.') &&
           std::all_of(host.begin(), host.end(), fits);
}

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
    return ec == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

/// The characters of a path, each as it goes on the wire.
bool is_path(std::string_view path) {
    static constexpr std::string_view kOthers = "/-._~%!$&'()*+,;=:@";
    const auto fits = [](char c) { return is_alphanumeric(c) || kOthers.find(c) != std::string_view::npos; };
    return std::all_of(path.begin(), path.end(), fits);
}

/// "[::1]" of "[::1]:8080".
std::string_view host_of(std::string_view authority) {
    return authority.substr(0, authority.find(':', authority.starts_with('[') ? authority.find(']') : 0));
}

}  // namespace

bool is_loopback(std::string_view host) {
    // By name and number only, and not by a lookup: what a name resolves to is another's to say.
    if (to_lower(host) == "localhost") return true;
    in_addr v4{};
    if (::inet_pton(AF_INET, std::string(host).c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
    in6_addr v6{};
    return is_ipv6_literal(host) &&
           ::inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &v6) == 1 &&
           IN6_IS_ADDR_LOOPBACK(&v6);
}

std::optional<std::string> normalize_base_url(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (text.size() > kUrlBytesMax || colon == std::string_view::npos) return std::nullopt;
    const std::string scheme = to_lower(text.substr(0, colon));
    if (scheme != "https" && scheme != "http") return std::nullopt;
    const std::string_view rest = text.substr(colon + 3);
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view authority = rest.substr(0, slash);
    std::string_view path = rest.substr(slash);
    const std::string_view host = host_of(authority);
    const std::string_view port = authority.substr(host.size());
    // By what is allowed and not by what is forbidden: a user, a query, a fragment or a control has no
    // place in it, and so is refused without a rule of its own.
    if (!is_host(host) || !is_path(path)) return std::nullopt;
    if (!port.empty() && !is_port(port.substr(1))) return std::nullopt;
    // Paths are appended to it, and an address with and one without a slash are one: batches are held when
    // it changes.
    while (path.ends_with('/')) path.remove_suffix(1);
    // The scheme in small letters, for later comparisons are by bytes.
    return scheme + "://" + std::string(authority) + std::string(path);
}

bool crosses_network_in_the_clear(std::string_view url) {
    static constexpr std::string_view kPlain = "http://";
    if (!url.starts_with(kPlain)) return false;
    const std::string_view rest = url.substr(kPlain.size());
    return !is_loopback(host_of(rest.substr(0, rest.find('/'))));
}

}  // namespace batchd::config
