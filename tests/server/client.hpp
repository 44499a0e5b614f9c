#pragma once

#include <string>
#include <string_view>

#include "base/disk/fd.hpp"
#include "base/disk/file.hpp"

namespace batchd::server {

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

/// Somebody at the other end of a socket, who sends what they like. Each wait ends after a minute.
class Client {
public:
    static Client at(const Path& socket);
    static Client at_port(std::uint16_t port);

    /// False when the server has hung up.
    bool send(std::string_view bytes);
    /// Sends as much as fits without waiting; false when the server has hung up.
    bool send_without_waiting(std::string_view bytes);
    /// Everything until the server closes the connection; "(no end)" behind it when it does not.
    std::string read_to_end();
    /// Until `text` is in it, or the server closes the connection.
    std::string read_until(std::string_view text);
    /// True when the server hangs up within `milliseconds`; what it says is thrown away.
    bool is_hung_up_within(int milliseconds);

private:
    explicit Client(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
};

}  // namespace batchd::server
