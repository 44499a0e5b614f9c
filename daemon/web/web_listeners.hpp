#pragma once

#include <list>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "server/socket/unix_listener.hpp"

namespace batchd {

/// The sockets that the page listens on.
struct WebListeners {
    std::list<server::UnixListener> named;  ///< their names go with these
    std::vector<UniqueFd> sockets;
    std::vector<std::string> places;  ///< where these are, as place_of() says
    bool are_inherited = false;       ///< systemd has opened them
};

/// Those that systemd has opened for us or, where it has none, those of web.listen. Errors: errno, locked.
Result<WebListeners> open_web_listeners(const config::Web& settings);

}  // namespace batchd
