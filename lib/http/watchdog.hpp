#pragma once

#include <functional>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/units.hpp"

namespace batchd::http {

/// Gives up when one operation takes too long. Made for thousands of short operations in a row: these only
/// note the time, and one timer looks now and then, where a timer for each would cost two system calls for
/// every 16 KiB. For .cpp files of this directory only; the thread of its executor only.
class Watchdog {
public:
    /// `give_up` is called at most once, never after the destructor has begun.
    Watchdog(boost::asio::any_io_executor executor, Millis limit, std::function<void()> give_up);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    /// An operation begins; it has `limit` from now on.
    void begin();
    /// It has ended. The timer goes on, for another is about to begin.
    void end();
    /// No other is about to begin: the timer stops, until the next begin().
    void rest();
    bool has_given_up() const;

private:
    struct State;
    std::shared_ptr<State> state_;  // shared with a look that is under way
};

}  // namespace batchd::http
