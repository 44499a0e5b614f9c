#pragma once

#include <optional>

#include "server/handler.hpp"

namespace batchd::server {

/// One connection: its requests, in turn.
class Session {
public:
    Session(Stream stream, Handler& handler, const Limits& limits, const Clock& clock);

    /// Of a request that reaches no handler.
    struct Refusal {
        unsigned status;
        const char* message;
    };

    /// Serves until the client ends, breaks the protocol or a limit, or hang_up().
    boost::asio::awaitable<void> run();

    /// Since when it waits for the client to say what it wants (Clock::uptime()), or to hear that it is hung
    /// up on; nothing while a request is being answered.
    std::optional<Millis> waiting_since() const { return waiting_since_; }
    /// Ends it as soon as possible, from outside.
    void hang_up();

private:
    /// Whether the connection can have another request.
    enum class Next { another, none };

    /// One request: its head, the handler, and what is left of its body.
    boost::asio::awaitable<Next> serve_one();
    /// Within the limits of time and size.
    boost::asio::awaitable<boost::system::error_code> read_head(Parser& parser);
    /// What the protocol has for a request that can't be read, and the end.
    boost::asio::awaitable<void> refuse(Refusal why);
    /// Reads on while anything comes, within the limits, so that the last answer is not lost by a reset.
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
