#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/async/wake_line.hpp"
#include "server/exchange.hpp"
#include "web/room.hpp"

namespace batchd::web {

/// Tells browsers of changes, as server-sent events: whenever somebody has committed something, or the
/// daemon has come or gone. Source: WHATWG HTML, 9.2.
class LiveUpdates {
public:
    /// Each is a connection that stays open, and a browser has one for each page.
    static constexpr std::size_t kStreamsMax = 256;

    explicit LiveUpdates(Room& room) : room_(room) {}

    /// Looks for changes while anybody listens, until cancelled.
    boost::asio::awaitable<void> run();

    using Render = std::function<boost::asio::awaitable<Result<Html>>()>;

    /// Sends what `render` makes, at once and whenever it has become another; until the client is gone. It is
    /// made once for all streams that show the same, which is what `what` says: what is for one session only
    /// has that in it.
    boost::asio::awaitable<void> stream(server::Exchange& exchange, boost::asio::any_io_executor executor,
                                        std::string what, Render render);

private:
    /// An event, kept once for however many streams send it.
    using Event = std::shared_ptr<const std::string>;
    /// The one that is kept, or else what `render` makes now. It is null where that could not be made.
    boost::asio::awaitable<Event> event_for(const std::string& what, const Render& render);
    /// After a change: what was shown is not what is there any more.
    void forget_events();

    Room& room_;
    std::map<std::string, Event> events_;  // by what they show; as of the last change
    std::uint64_t changes_ = 0;            // so many
    WakeLine listeners_;
    /// Nobody looks for changes while there is none.
    std::size_t streams_ = 0;
};

/// An event with this HTML, which may be of several lines. Pure.
std::string event_of(const Html& html);

}  // namespace batchd::web
