#include "daemon/web/web_listeners.hpp"

#include <fcntl.h>

#include <systemd/sd-daemon.h>

#include "config/values/listen_address.hpp"
#include "daemon/web/web_places.hpp"
#include "server/socket/tcp_listener.hpp"

namespace batchd {
namespace {

/// Source: sd_listen_fds(3).
std::vector<UniqueFd> inherited() {
    std::vector<UniqueFd> sockets;
    const int count = sd_listen_fds(1);
    for (int i = 0; i < count; ++i) {
        UniqueFd fd(SD_LISTEN_FDS_START + i);
        ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
        sockets.push_back(std::move(fd));
    }
    return sockets;
}

Result<void> open_one(const std::string& text, WebListeners& listeners) {
    const auto address = config::parse_listen(text);
    if (!address) return error(Errc::bad_input, "web.listen: " + text);
    if (address->path.empty()) {
        auto socket = server::listen_on(address->host, address->port);
        if (!socket) return within("web.listen", socket.error());
        listeners.sockets.push_back(std::move(*socket));
        return {};
    }
    auto named = server::UnixListener::open(address->path, std::nullopt);
    if (!named) return within("web.listen", named.error());
    listeners.sockets.push_back(named->share());
    listeners.named.push_back(std::move(*named));
    return {};
}

}  // namespace

Result<WebListeners> open_web_listeners(const config::Web& settings) {
    WebListeners listeners;
    listeners.sockets = inherited();
    listeners.are_inherited = !listeners.sockets.empty();
    // In its sandbox the service could open none of its own, and one that is started twice would have each
    // place twice.
    if (!listeners.are_inherited)
        for (const std::string& text : settings.listen)
            if (auto opened = open_one(text, listeners); !opened) return opened.error();
    for (const UniqueFd& socket : listeners.sockets) listeners.places.push_back(place_of(socket.get()));
    return listeners;
}

}  // namespace batchd
