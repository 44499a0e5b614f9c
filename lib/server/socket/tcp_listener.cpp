#include "server/socket/tcp_listener.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace batchd::server {
namespace {

// As many as may come while one turn of the loop lasts.
constexpr int kTcpBacklog = 128;

/// The size of the address; 0 for what is none.
socklen_t read_address(const std::string& text, std::uint16_t port, sockaddr_storage& address) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(address);
    if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return sizeof v4;
    }
    auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) != 1) return 0;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    return sizeof v6;
}

}  // namespace

Result<UniqueFd> listen_on(const std::string& address, std::uint16_t port) {
    sockaddr_storage storage{};
    const socklen_t size = read_address(address, port, storage);
    if (size == 0) return error(Errc::bad_input, address + " is no address");
    const std::string context = "listen on " + address + " port " + std::to_string(port);
    UniqueFd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd) return system_failure(context);
    // A start right after an end must not wait for connections that were cut off.
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0 ||
        ::listen(fd.get(), kTcpBacklog) != 0)
        return system_failure(context);
    return fd;
}

}  // namespace batchd::server
