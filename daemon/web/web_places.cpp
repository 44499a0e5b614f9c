#include "daemon/web/web_places.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "config/values/listen_address.hpp"

namespace batchd {
namespace {

std::string joined(const std::vector<std::string>& places) {
    std::string text;
    for (const std::string& place : places) text += (text.empty() ? "" : ", ") + place;
    return text;
}

/// The part of an address before its port.
std::string host_of(const std::string& place) {
    return place.substr(0, place.rfind(':'));
}

/// A name by which the page answers there.
std::string name_for(const std::string& place, const config::Web& settings) {
    const std::string host = host_of(place),
                      bare = host.front() == '[' ? host.substr(1, host.size() - 2) : host;
    const bool is_taken = settings.hosts.empty() ? config::is_loopback_address(bare)
                                                 : std::find(settings.hosts.begin(), settings.hosts.end(),
                                                             bare) != settings.hosts.end();
    if (is_taken) return host;
    // Of all addresses of the machine, or of one that is in no browser's address line.
    return settings.hosts.empty() ? "localhost" : settings.hosts.front();
}

}  // namespace

std::string place_of(int socket) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (::getsockname(socket, address, &size) != 0) return "a socket that can't be asked";
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        const auto& in = reinterpret_cast<const sockaddr_in&>(storage);
        ::inet_ntop(AF_INET, &in.sin_addr, text.data(), text.size());
        return std::string(text.data()) + ":" + std::to_string(ntohs(in.sin_port));
    }
    if (storage.ss_family == AF_INET6) {
        const auto& in = reinterpret_cast<const sockaddr_in6&>(storage);
        ::inet_ntop(AF_INET6, &in.sin6_addr, text.data(), text.size());
        return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(in.sin6_port));
    }
    if (storage.ss_family != AF_UNIX) return "a socket of family " + std::to_string(storage.ss_family);
    const auto& un = reinterpret_cast<const sockaddr_un&>(storage);
    const std::size_t length = size - offsetof(sockaddr_un, sun_path);
    // One without a file has a name that begins with 0. Source: unix(7).
    if (length > 0 && un.sun_path[0] == '\0') return "@" + std::string(un.sun_path + 1, length - 1);
    return std::string(un.sun_path, ::strnlen(un.sun_path, length));
}

bool is_local_place(const std::string& place) {
    if (place.starts_with('/') || place.starts_with('@')) return true;
    const auto address = config::parse_listen(place);
    return address && address->is_local();
}

std::optional<std::string> why_not_there(const std::vector<std::string>& places,
                                         const config::Web& settings) {
    if (settings.behind_proxy && !settings.behind_proxy->is_unix()) return std::nullopt;
    const auto open = std::find_if_not(places.begin(), places.end(), is_local_place);
    if (open == places.end()) return std::nullopt;
    return "systemd listens on " + *open +
           " for the page: only 127.0.0.1, [::1] or a path, unless web.behind_proxy says from which address "
           "the proxy in front of it comes (ListenStream= of batchd-web.socket)";
}

std::optional<std::string> what_is_missing(const std::vector<std::string>& places,
                                           const config::Web& settings) {
    std::vector<std::string> missing;
    for (const std::string& wanted : settings.listen)
        if (std::find(places.begin(), places.end(), wanted) == places.end()) missing.push_back(wanted);
    if (missing.empty()) return std::nullopt;
    return "nobody listens on " + joined(missing) + " of web.listen: systemd has opened " + joined(places) +
           ", and what it opens counts (ListenStream= of batchd-web.socket)";
}

std::string link_text(const std::vector<std::string>& places, const config::Web& settings,
                      const std::string& token) {
    for (const std::string& place : places)
        if (config::parse_listen(place) && !place.starts_with('/'))
            return "http://" + name_for(place, settings) + place.substr(place.rfind(':')) + "/link/" + token;
    return "http://" + (settings.hosts.empty() ? "localhost" : settings.hosts.front()) + "/link/" + token;
}

}  // namespace batchd
