#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "engine/intake/intake.hpp"

namespace batchd::engine {

/// The intakes of all queues, each with a folder of its own. They come and go with the configuration. Those
/// with nothing in their folders do not run, and share the look into these that makes up for events that
/// never came.
class Intakes {
public:
    Intakes(const Intake::Ports& ports, Intake::Mode mode);

    /// Makes the inbox ours, and with it the folders of the queues in it. As Intake::own_inbox().
    Result<void> own_inbox();
    /// As Intake::finish_claims(), for all queues, those included that are no longer configured.
    boost::asio::awaitable<void> finish_claims();
    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// The queues of the settings are others now: their folders are taken from, and no longer from those of
    /// queues that went.
    void replace();

    bool drained() const;
    bool is_moving(store::JobId id) const;
    /// Folders that can't be read.
    std::vector<Path> gone() const;

private:
    struct Slot {
        explicit Slot(const boost::asio::any_io_executor& executor) : stop(executor) {}
        /// Null only within add().
        std::unique_ptr<Intake> intake;
        Wake stop;
        bool is_running = false;
    };
    /// The slot of this queue, made where it is not there; nothing runs by that.
    Slot& add(const std::string& queue);
    /// Does nothing where it runs, or is no more.
    void begin(const std::string& queue);
    /// Until there is nothing to do for it, or its queue goes, and with that the slot.
    boost::asio::awaitable<void> run_one(std::string queue);
    /// Runs those that are not idle any more.
    boost::asio::awaitable<void> run_what_is_due();
    /// Makes those due in whose folders there is something that no event has told of: new ones at once, all
    /// others now and then. By itself, for a folder that hangs must hold up no other.
    boost::asio::awaitable<void> look_at_idle_ones();
    /// The queues of which there are pictures on record: by an earlier run as well, which may have had other
    /// queues.
    std::set<std::string> shown() const;
    void forget_pictures_of_gone_ones();

    const Intake::Ports ports_;
    Intake::Mode mode_;
    std::map<std::string, Slot> slots_;
    /// One is not idle any more.
    Wake due_;
    /// One was made, and its folder not looked into yet.
    Wake new_ones_;
    TaskGroup* running_ = nullptr;
};

}  // namespace batchd::engine
