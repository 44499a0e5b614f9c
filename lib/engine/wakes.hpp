#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "base/async/wake.hpp"
#include "base/async/wake_line.hpp"

namespace batchd::engine {

/// One wake a stage. A stage that has committed a row into another one's states raises that one's wake;
/// nothing is handed over but the hint, for the rows are in the database.
struct Wakes {
    explicit Wakes(const boost::asio::any_io_executor& executor)
        : intake(executor),
          planner(executor),
          small_planner(executor),
          large_planner(executor),
          submitter(executor),
          poller(executor),
          canceller(executor),
          cancel_patience(executor),
          twins(executor),
          collector(executor),
          deliverer(executor),
          cleaner(executor),
          sweeper(executor),
          commander(executor),
          commands_written(executor),
          observer(executor),
          finisher(executor) {}

    /// Something happened that shows: for whoever tells the status, or waits for the end.
    void progressed() {
        observer.raise();
        finisher.raise();
    }

    Wake intake;
    Wake planner;
    Wake small_planner, large_planner;  ///< the planner's own, for its two loops
    Wake submitter;
    Wake poller;
    Wake canceller;
    Wake cancel_patience;
    Wake twins;
    Wake collector;
    Wake deliverer;
    Wake cleaner;
    Wake sweeper;
    Wake commander;
    Wake commands_written;  ///< somebody may have written into the database
    WakeLine command_done;  ///< for those who wait for what becomes of a command
    Wake observer;
    Wake finisher;
};

}  // namespace batchd::engine
