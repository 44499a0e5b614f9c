#include "web/safety/guard.hpp"

#include <algorithm>

#include "config/values/listen_address.hpp"
#include "web/request/form.hpp"

namespace batchd::web {
namespace {

constexpr std::string_view kBearer = "bearer ";

/// By hand, for the locale has no part in names of hosts.
std::string lower(std::string_view text) {
    std::string small(text);
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return small;
}

/// "localhost" of "localhost:8420", "::1" of "[::1]:8420".
std::string name_of(std::string_view authority) {
    // The colons within the brackets are no port.
    if (authority.starts_with('[')) {
        const auto end = authority.find(']');
        return end == std::string_view::npos ? "" : std::string(authority.substr(1, end - 1));
    }
    // Without the port, which a tunnel may change; a rebound name is another name all the same.
    return lower(authority.substr(0, authority.find(':')));
}

bool is_change(const server::RequestHead& head) {
    // By what only looks and not by what changes: a method that nobody has thought of is guarded, too.
    return head.method != "GET" && head.method != "HEAD";
}

/// A header that is there twice means one thing to a proxy and another to us.
std::size_t count_of_header(const server::RequestHead& head, std::string_view name) {
    return static_cast<std::size_t>(std::count_if(head.headers.begin(), head.headers.end(),
                                                  [&](const auto& h) { return h.name == name; }));
}

/// Where a browser says who makes it send this, it has to be a page of ours.
bool is_from_elsewhere(const server::RequestHead& head, const config::Web& settings) {
    const std::string site = lower(head.header("sec-fetch-site"));
    // The browser itself says it, and no page can make it say otherwise; older ones do not, and for these
    // the Origin counts.
    if (!site.empty() && site != "same-origin" && site != "none") return true;
    const std::string_view origin = head.header("origin");
    if (origin.empty()) return false;
    const auto scheme = origin.find("://");
    if (scheme == std::string_view::npos) return true;  // "null"
    const std::string_view authority = origin.substr(scheme + 3);
    // Behind a proxy the Host may be rewritten, and the names that it goes by are configured.
    if (settings.behind_proxy) return !is_our_host(authority, settings);
    // The same name and port as the browser asked for. The Host is one of ours by then.
    return lower(authority) != lower(head.header("host"));
}

std::string_view bearer(const server::RequestHead& head) {
    const std::string_view header = head.header("authorization");
    // The name of a scheme has no case, and spaces follow it. Source: RFC 9110, 11.1 and 11.4.
    if (lower(header.substr(0, kBearer.size())) != kBearer) return {};
    return header.substr(std::min(header.find_first_not_of(' ', kBearer.size()), header.size()));
}

bool is_proxy(const server::Peer& peer, const config::BehindProxy& proxy) {
    // The kernel tells the user of who has opened a Unix socket, and of nobody else. Who that is does not
    // matter: whoever may open it is the proxy, or could be.
    if (proxy.is_unix()) return peer.uid.has_value();
    return peer.address == proxy.address;
}

/// What a proxy says of who asks; "" where it is not the proxy that says it.
std::string proxy_user(const server::RequestHead& head, const server::Peer& peer,
                       const config::Web& settings) {
    // Anybody can write this header; it is worth something only from the one who takes it off what others
    // send.
    if (!settings.behind_proxy || !is_proxy(peer, *settings.behind_proxy)) return {};
    // A second one would be the client's own, passed on beside the proxy's.
    if (count_of_header(head, settings.behind_proxy->header) != 1) return {};
    return std::string(head.header(settings.behind_proxy->header));
}

AccessDecision no_login() {
    return {AccessDecision::Kind::no_login,
            "there is no session, and no token of this page's: open the link that `batchd web --link` "
            "prints, which is another after each start"};
}

AccessDecision let_in(const server::RequestHead& head, const server::Peer& peer, Area area,
                      const config::Web& settings, const Access& access) {
    // A program that shows the token is nobody's browser, so it needs neither a session nor a form.
    if (area == Area::api && access.is_token(bearer(head))) return {};
    AccessDecision decision;
    decision.user = proxy_user(head, peer, settings);
    const std::string_view session = cookie(head.header("cookie"), kCookie);
    if (!decision.user.empty())
        decision.session = "user " + decision.user;
    else if (access.is_session(session))
        decision.session = std::string(session);
    else
        return no_login();
    // A browser sends its cookie wherever a page makes it send something.
    if (area == Area::api && is_change(head))
        return {AccessDecision::Kind::refused, "a change needs the header Authorization: Bearer TOKEN"};
    return decision;
}

}  // namespace

bool is_our_host(std::string_view host, const config::Web& settings) {
    const std::string name = name_of(host);
    if (settings.hosts.empty()) return name == "localhost" || config::is_loopback_address(name);
    return std::any_of(settings.hosts.begin(), settings.hosts.end(),
                       [&](const std::string& ours) { return lower(ours) == name; });
}

AccessDecision judge(const server::RequestHead& head, const server::Peer& peer, Area area,
                     const config::Web& settings, const Access& access) {
    // First of all, for a name that was rebound to this address makes every page of that site a page of
    // ours to the browser.
    if (count_of_header(head, "host") != 1 || !is_our_host(head.header("host"), settings))
        return {AccessDecision::Kind::wrong_host,
                "this page does not answer for that name; web.hosts has those that "
                "it answers for"};
    if (area == Area::open) return {};
    // What only looks is left to the cookie's SameSite, so that a link from a mail works.
    if (is_change(head)) {
        if (is_from_elsewhere(head, settings))
            return {AccessDecision::Kind::refused, "this came from a page of another site"};
        if (settings.read_only)
            return {AccessDecision::Kind::refused, "this page only shows: web.read_only is true"};
    }
    return let_in(head, peer, area, settings, access);
}

}  // namespace batchd::web
