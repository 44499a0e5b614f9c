#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "engine/canceller.hpp"
#include "engine/cleaner.hpp"
#include "engine/collector.hpp"
#include "engine/commander.hpp"
#include "engine/deliverer.hpp"
#include "engine/file_sweeper.hpp"
#include "engine/intake.hpp"
#include "engine/model_holds.hpp"
#include "engine/planner.hpp"
#include "engine/poller.hpp"
#include "engine/ports.hpp"
#include "engine/submitter.hpp"
#include "engine/surveyor.hpp"
#include "engine/twin_watch.hpp"

namespace batchd::engine {

/// All stages. They know nothing of each other but wakes; the database is the queue between them, so a start
/// after a crash is like any other.
class Pipeline {
public:
    Pipeline(Ports& ports, Intake::Mode mode);

    /// Runs until cancelled; in Mode::once until what was in the inbox, and whatever was in flight, has
    /// ended.
    boost::asio::awaitable<void> run();

    /// "3 jobs running, 12 batches in flight, next poll in 41s", and behind it what is waited for:
    /// "; waiting: no space left on device".
    std::string status() const;

private:
    boost::asio::awaitable<void> stop_when_all_ended(TaskGroup& stages);
    bool all_ended() const;
    std::string waits() const;

    Ports& ports_;
    Intake::Mode mode_;
    ModelHolds holds_;
    Intake intake_;
    Planner planner_;
    Surveyor surveyor_;
    Submitter submitter_;
    Poller poller_;
    Canceller canceller_;
    TwinWatch twin_watch_;
    Collector collector_;
    Deliverer deliverer_;
    Cleaner cleaner_;
    FileSweeper sweeper_;
    Commander commander_;
};

}  // namespace batchd::engine
