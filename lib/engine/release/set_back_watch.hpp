#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/async/wake.hpp"
#include "base/clock.hpp"

namespace batchd::engine {

/// Has a stage look again that waits for a moment of the wall clock, when that is set back: what it waits for
/// was computed from a time that was ahead, and may be years away by now. (That the clock is set forward the
/// wait itself sees.) I/O thread only; both outlive it.
class SetBackWatch {
public:
    SetBackWatch(Clock& clock, Wake& wake);

    /// From what the clock shows now the next moment is computed.
    void look();
    /// Runs until cancelled; nothing is polled.
    boost::asio::awaitable<void> run();

private:
    /// How far the clock that may be set is ahead of the one that never is.
    Millis ahead() const;

    Clock& clock_;
    Wake& wake_;
    Millis ahead_;  // at the last look
};

}  // namespace batchd::engine
