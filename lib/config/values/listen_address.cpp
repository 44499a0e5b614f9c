#include "config/values/listen_address.hpp"

#include <array>
#include <charconv>

#include <arpa/inet.h>

namespace batchd::config {
namespace {

constexpr std::size_t kSocketBytesMax = 107;  // unix(7), sun_path with its final 0

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [last, ec] = std::from_chars(text.data(), end, port);
    return ec == std::errc{} && last == end && port > 0 ? std::optional(port) : std::nullopt;
}

bool is_of_family(int family, const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    return ::inet_pton(family, host.c_str(), address.data()) == 1;
}

}  // namespace

bool ListenAddress::is_local() const {
    return !path.empty() || is_loopback_address(host);
}

bool is_address(const std::string& host) {
    return is_of_family(AF_INET, host) || is_of_family(AF_INET6, host);
}

bool is_loopback_address(const std::string& host) {
    return host == "::1" || (host.starts_with("127.") && is_of_family(AF_INET, host));
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
    if (text.starts_with('/'))
        return text.size() <= kSocketBytesMax ? std::optional(ListenAddress{.path = Path(text)})
                                              : std::nullopt;
    // The last one, for an address of IPv6 has others.
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string host(text.substr(0, colon));
    const bool has_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (has_brackets) host = host.substr(1, host.size() - 2);
    const auto port = parse_port(text.substr(colon + 1));
    // Brackets stand around IPv6 and nothing else, so that "::1:80" can't be read in two ways.
    if (!port || !is_of_family(has_brackets ? AF_INET6 : AF_INET, host)) return std::nullopt;
    return ListenAddress{.host = std::move(host), .port = *port};
}

}  // namespace batchd::config
