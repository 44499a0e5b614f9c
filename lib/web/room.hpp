#pragma once

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "web/frame.hpp"
#include "web/ports.hpp"
#include "web/safety/access.hpp"
#include "web/safety/guard.hpp"
#include "web/state/state_reader.hpp"

namespace batchd::web {

/// What all routes of the page work with; it outlives them. I/O thread only.
struct Room {
    config::Settings settings;
    Ports ports;
    Access access;
    StateReader state;
    std::string version;
    Clock& clock;
    /// Files and the daemon are waited for in these two, so that a slow disk or a daemon that stalls holds up
    /// no page that needs neither.
    boost::asio::thread_pool& pool;
    boost::asio::thread_pool& command_pool;  ///< a thread for each of kCommandsMax
    std::size_t commands_waiting = 0;        ///< for the daemon's word

    Frame frame(const AccessDecision& decision) const {
        return {version, access.form_token(decision.session), settings.web.read_only,
                settings.web.show_requests};
    }
};

}  // namespace batchd::web
