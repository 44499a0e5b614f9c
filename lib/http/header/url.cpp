#include "http/header/url.hpp"

#include <algorithm>
#include <charconv>

#include <boost/asio/ip/address.hpp>

#include "base/text/letter_case.hpp"

namespace batchd::http {
namespace {

namespace ip = boost::asio::ip;

/// Cut, for an address may be a page that somebody pasted.
Error bad(std::string_view url, std::string_view why) {
    return error(Errc::bad_input, "URL \"" + std::string(url.substr(0, 200)) + "\": " + std::string(why));
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_alnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_host_name(std::string_view host) {
    return !host.empty() && host.size() <= 253 && !host.starts_with('.') && !host.starts_with('-') &&
           host.find("..") == std::string_view::npos && std::all_of(host.begin(), host.end(), [](char c) {
               return is_alnum(c) || c == '-' || c == '.' || c == '_';
           });
}

/// Splits "host[:port]" off; false when it is not of that form.
bool parse_authority(std::string_view authority, Origin& origin) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return false;
        const std::string_view host = authority.substr(1, end - 1);
        boost::system::error_code ec;
        ip::make_address_v6(std::string(host), ec);
        if (ec) return false;
        origin.host = to_lower(host);
        port = authority.substr(end + 1);
    } else {
        const std::size_t colon = authority.find(':');
        const std::string_view host = authority.substr(0, colon);
        if (!is_host_name(host)) return false;
        origin.host = to_lower(host);
        port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    }
    if (port.empty()) return true;
    if (!port.starts_with(':')) return false;
    port.remove_prefix(1);
    const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), origin.port);
    return ec == std::errc() && end == port.data() + port.size() && origin.port != 0;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
    if (!is_printable_ascii(text))
        return bad("", "it has a space, a control character or a character outside ASCII");
    const std::string_view whole = text;
    Url url;
    const std::string scheme = to_lower(text.substr(0, text.find("://")));
    if (scheme == "https") {
        url.origin = {Scheme::https, "", 443};
    } else if (scheme == "http") {
        url.origin = {Scheme::http, "", 80};
    } else {
        return bad(whole, "it must begin with https:// (or http:// for this machine)");
    }
    text.remove_prefix(scheme.size() + 3);
    const std::size_t authority_end = text.find_first_of("/?#");
    const std::string_view authority = text.substr(0, authority_end);
    // What a message quotes must not carry a password.
    if (authority.find('@') != std::string_view::npos)
        return bad("", "a user name or password has no place in it");
    // Before anything of it is looked up: what can't be a name is no name.
    if (!parse_authority(authority, url.origin)) return bad(whole, "the host or port is not valid");
    std::string_view target = authority_end == std::string_view::npos ? "" : text.substr(authority_end);
    // A fragment is for whoever reads the answer, and is never sent.
    target = target.substr(0, target.find('#'));
    url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return url;
}

Result<Url> resolve_location(const Url& from, std::string_view location) {
    if (location.empty()) return bad(location, "the redirect says no place to go");
    if (!is_printable_ascii(location))
        return bad("", "the redirect's place has a character that needs escaping");
    const std::size_t colon = location.find(':');
    const std::size_t slash = location.find_first_of("/?#");
    if (colon != std::string_view::npos && colon < slash) return parse_url(location);
    const std::string scheme = from.origin.scheme == Scheme::https ? "https:" : "http:";
    // The address of another host with the same scheme. Source: RFC 3986, 4.2.
    if (location.starts_with("//")) return parse_url(scheme + std::string(location));
    Url url = from;
    location = location.substr(0, location.find('#'));
    const std::string path = from.target.substr(0, from.target.find('?'));
    if (location.starts_with('/')) {
        url.target = location;
    } else if (location.starts_with('?')) {
        url.target = path + std::string(location);
    } else if (!location.empty()) {
        url.target = path.substr(0, path.rfind('/') + 1) + std::string(location);
    }
    return url;
}

std::string host_header(const Origin& origin) {
    std::string text = origin.host.find(':') == std::string::npos ? origin.host : "[" + origin.host + "]";
    const std::uint16_t usual = origin.scheme == Scheme::https ? 443 : 80;
    if (origin.port != usual) text += ":" + std::to_string(origin.port);
    return text;
}

std::string to_string(const Origin& origin) {
    return (origin.scheme == Scheme::https ? "https://" : "http://") + host_header(origin);
}

bool is_loopback(std::string_view host) {
    const std::string name = to_lower(host);
    // Names that are this machine whatever a name server says. Source: RFC 6761, 6.3.
    if (name == "localhost" || name.ends_with(".localhost")) return true;
    boost::system::error_code ec;
    const ip::address address = ip::make_address(name, ec);
    return !ec && address.is_loopback();
}

bool is_in_the_clear(const Origin& origin) {
    return origin.scheme == Scheme::http && !is_loopback(origin.host);
}

bool is_address(std::string_view host) {
    boost::system::error_code ec;
    ip::make_address(std::string(host), ec);
    return !ec;
}

std::string percent_encode(std::string_view text) {
    std::string result;
    for (const char c : text) {
        if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            result += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        result += '%';
        result += "0123456789ABCDEF"[byte >> 4];
        result += "0123456789ABCDEF"[byte & 15];
    }
    return result;
}

}  // namespace batchd::http
