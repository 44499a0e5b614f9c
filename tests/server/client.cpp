#include "server/client.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace batchd::server {
namespace {

constexpr int kDeadlineSeconds = 600;

UniqueFd connected(int family, const sockaddr* address, socklen_t size) {
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const timeval deadline{kDeadlineSeconds, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
    ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &deadline, sizeof deadline);
    if (::connect(fd.get(), address, size) != 0) throw std::runtime_error("can't connect");
    return fd;
}

}  // namespace

Client Client::at(const Path& socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket.string().copy(address.sun_path, sizeof address.sun_path - 1);
    return Client(connected(AF_UNIX, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

Client Client::at_port(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return Client(connected(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

bool Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t put = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (put < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

bool Client::send_without_waiting(std::string_view bytes) {
    const ssize_t put = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return put >= 0 || errno == EAGAIN;
}

std::string Client::read_to_end() {
    std::string all;
    std::array<char, 4096> piece{};
    for (;;) {
        const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
        if (got < 0 && errno == EAGAIN) return all + "(no end)";
        if (got <= 0) return all;
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
}

std::string Client::read_until(std::string_view text) {
    std::string all;
    std::array<char, 4096> piece{};
    while (all.find(text) == std::string::npos) {
        const ssize_t got = ::recv(fd_.get(), piece.data(), piece.size(), 0);
        if (got <= 0) return all;
        all.append(piece.data(), static_cast<std::size_t>(got));
    }
    return all;
}

bool Client::is_hung_up_within(int milliseconds) {
    pollfd waited{fd_.get(), POLLIN, 0};
    if (::poll(&waited, 1, milliseconds) <= 0) return false;
    std::array<char, 4096> piece{};
    return ::recv(fd_.get(), piece.data(), piece.size(), MSG_DONTWAIT) == 0;
}

}  // namespace batchd::server
