#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk/file.hpp"
#include "base/units.hpp"
#include "sim/settings.hpp"

namespace batchd::sim {

struct Backend;

/// How to start a server.
struct ServerOptions {
    Path data;                   ///< where files are kept; made when it is not there
    std::uint16_t port = 0;      ///< 0: any that is free
    std::string key = "sk-sim";  ///< the only API key that is accepted
    Path tls_cert, tls_key;      ///< both or none; none: plain HTTP
    enum class Time { real, manual } time = Time::real;
    Settings settings;
};

/// The practice provider: an HTTP server on 127.0.0.1 with a thread of its own, from construction to
/// destruction. Every member may be called from any thread.
class Server {
public:
    /// Listens already when it returns. Throws std::runtime_error with the reason when it can't.
    explicit Server(ServerOptions options);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    std::uint16_t port() const;
    /// "http://127.0.0.1:PORT/v1", or https, and where the service that is imitated has its API.
    std::string base_url() const;

    /// Runs `use` on the server's thread, after all that is due by now has happened, and waits for it.
    void with(std::function<void(Backend&)> use);

    /// As the routes under /admin; the texts are JSON. Throw std::runtime_error with the reason when refused.
    void change_settings(std::string_view changes);
    void add_fault(std::string_view fault);
    void clear_faults();
    void add_lie(std::string_view lie);
    void clear_lies();
    void plant_batches(std::string_view order);
    /// Another key that is accepted, with an account of its own: it sees nothing of what others have.
    void add_key(std::string key, std::string account);
    void set_key(std::string key);
    void advance_clock(Millis by);
    std::string report();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::sim
