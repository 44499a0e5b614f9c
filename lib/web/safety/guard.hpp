#pragma once

#include <string>

#include "config/settings.hpp"
#include "server/message.hpp"
#include "server/socket/peer.hpp"
#include "web/safety/access.hpp"

/// What is decided of a request before anything is done for it. Pure.
namespace batchd::web {

/// Where a request goes, as far as safety is concerned.
enum class Area {
    open,   ///< /healthz, the link, what every page is made of: no login
    pages,  ///< people with a browser: the cookie, or a proxy's word
    api     ///< programs: the bearer token as well
};

/// Whether a request may be served, as whom, or why not. It is made once for each, and handed down.
struct AccessDecision {
    enum class Kind {
        allowed,
        wrong_host,  ///< 421
        no_login,    ///< 401
        refused      ///< 403
    };
    Kind kind = Kind::allowed;
    std::string why{};      ///< for whoever is refused
    std::string session{};  ///< what form tokens are bound to; "" for a program
    std::string user{};     ///< as a proxy names them; "" where there is none
};

/// Judges a request. A change (anything but GET and HEAD) also needs an Origin that is ours, where there is
/// one, and in the area api the bearer token; that a form brings its token is looked at when it is read.
AccessDecision judge(const server::RequestHead& head, const server::Peer& peer, Area area,
                     const config::Web& settings, const Access& access);

/// True when the page answers for this name, "localhost:8420".
bool is_our_host(std::string_view host, const config::Web& settings);

/// The name of the session's cookie.
inline constexpr std::string_view kCookie = "batchd_session";

}  // namespace batchd::web
