#pragma once

#include <deque>
#include <memory>

#include "base/units.hpp"
#include "http/connection.hpp"
#include "http/message.hpp"

namespace batchd::http {

/// The connections of one origin that nobody uses just now. For .cpp files of this directory only.
class IdleConnections {
public:
    /// One that is fit for `method`, or none: the one that was used last, since servers close those first
    /// that lie idle for longest. `now` is Clock::uptime().
    std::unique_ptr<Connection> take(Method method, Millis now);
    void keep(std::unique_ptr<Connection> connection, Millis now);
    /// Closes those that were not used for so long.
    void close(Millis idle_for, Millis now);
    std::size_t size() const { return idle_.size(); }

private:
    struct Idle {
        std::unique_ptr<Connection> connection;
        Millis since;
    };
    std::deque<Idle> idle_;  // the last one was used last
};

}  // namespace batchd::http
