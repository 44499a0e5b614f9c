#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/certificates.hpp"

namespace batchd::testing {

/// The server's end of one connection, for a script that blocks where it waits.
class Peer {
public:
    virtual ~Peer() = default;
    /// A whole request, head and body by its Content-Length; "" once the client is gone.
    virtual std::string read_request() = 0;
    /// Reads until `bytes` bytes in all have come, or the client is gone.
    virtual std::string read_bytes(std::size_t bytes) = 0;
    virtual void send(std::string_view bytes) = 0;
    /// Blocks until the client closes the connection.
    virtual void wait_for_client() = 0;
    /// Closes in good order: over TLS with a close_notify.
    virtual void end() = 0;
    /// Closes without one.
    virtual void cut() = 0;
    /// Throws what is under way away: the client sees a reset.
    virtual void reset() = 0;
};

using Script = std::function<void(Peer&)>;

/// "HTTP/1.1 STATUS X", the headers given ("A: b\r\n"), a Content-Length and `body`.
std::string answer(unsigned status, std::string_view body, std::string_view headers = "");

/// Answers the n-th request with the n-th of `answers`, as they are, then waits for the client to go.
Script replies(std::vector<std::string> answers);

/// A server on 127.0.0.1 whose n-th connection runs the n-th script, on a thread of its own. Connections
/// beyond the scripts are closed at once. What a script sends is up to it, bad HTTP above all.
class ScriptedServer {
public:
    explicit ScriptedServer(std::vector<Script> scripts, std::optional<Identity> tls = std::nullopt);
    ~ScriptedServer();

    std::uint16_t port() const;
    /// Connections accepted so far.
    std::size_t connections() const;
    /// All that read_request() returned, in order.
    std::vector<std::string> requests() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::testing
