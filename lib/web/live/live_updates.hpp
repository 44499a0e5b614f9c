#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "base/async/wake_line.hpp"
#include "server/exchange.hpp"
#include "web/room.hpp"

namespace batchd::web {

/// Tells browsers of changes, as server-sent events: whenever somebody has committed something, or the
/// daemon has come or gone. Source: WHATWG HTML, 9.2.
class LiveUpdates {
public:
    static constexpr std::size_t kStreamsMax = 256;

    explicit LiveUpdates(Room& room) : room_(room) {}

    /// Looks for changes while anybody listens, until cancelled.
    boost::asio::awaitable<void> run();

    /// Sends what `render` makes, at once and whenever it has become another; until the client is gone.
    boost::asio::awaitable<void> stream(server::Exchange& exchange, boost::asio::any_io_executor executor,
                                        std::function<Result<Html>()> render);

private:
    Room& room_;
    WakeLine listeners_;
    std::size_t streams_ = 0;
};

/// An event with this HTML, which may be of several lines. Pure.
std::string event_of(const Html& html);

}  // namespace batchd::web
