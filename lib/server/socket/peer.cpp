#include "server/socket/peer.hpp"

#include <array>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace batchd::server {
namespace {

std::string address_of(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const void* address = nullptr;
    if (storage.ss_family == AF_INET) address = &reinterpret_cast<const sockaddr_in&>(storage).sin_addr;
    if (storage.ss_family == AF_INET6) address = &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
    if (address == nullptr) return {};
    return ::inet_ntop(storage.ss_family, address, text.data(), text.size()) != nullptr ? text.data() : "";
}

}  // namespace

Peer peer_of(int socket) {
    Peer peer;
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    // The client is gone already, so that there is nothing to be known of it.
    if (::getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return peer;
    peer.address = address_of(storage);
    ucred credentials{};
    size = sizeof credentials;
    if (storage.ss_family == AF_UNIX &&
        ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) {
        peer.uid = credentials.uid;
        peer.pid = credentials.pid;
    }
    return peer;
}

std::string user_name(uid_t uid) {
    // Enough for an entry of any user that the service has; a name that does not fit is shown as a number.
    std::vector<char> buffer(16 * 1024);
    passwd entry{};
    passwd* found = nullptr;
    const int failed = ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
    if (failed != 0 || found == nullptr || *found->pw_name == '\0') return "uid " + std::to_string(uid);
    return found->pw_name;
}

}  // namespace batchd::server
