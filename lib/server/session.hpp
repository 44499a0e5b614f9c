#pragma once

#include <optional>

#include "server/handler.hpp"

namespace batchd::server {

/// One connection: its requests, in turn.
class Session {
public:
    Session(Stream stream, Handler& handler, const Limits& limits, const Clock& clock);

    /// Serves until the client ends, breaks the protocol or a limit, or hang_up().
    boost::asio::awaitable<void> run();

    /// Since when it waits for the client to say what it wants (Clock::uptime()); nothing while a request is
    /// being answered.
    std::optional<Millis> waiting_since() const { return waiting_since_; }
    /// Ends it as soon as possible, from outside.
    void hang_up();

private:
    enum class Next { another, none };

    boost::asio::awaitable<Next> serve_one();
    boost::asio::awaitable<boost::system::error_code> read_head(Parser& parser);
    boost::asio::awaitable<void> refuse(boost::system::error_code ec);
    boost::asio::awaitable<void> linger();

    Stream stream_;
    Handler& handler_;
    const Limits& limits_;
    const Clock& clock_;
    const Peer peer_;
    boost::beast::flat_buffer buffer_;
    std::optional<Millis> waiting_since_;
    bool is_first_ = true;
};

}  // namespace batchd::server
