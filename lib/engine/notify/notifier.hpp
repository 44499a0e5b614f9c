#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/wake.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/notify/teller.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// All of [notify.NAME], each told by itself: one that is down holds up nothing. Commands are not run here:
/// see `batchd hooks`. I/O thread only.
class Notifier {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        Wakes& wakes;
    };

    /// Both outlive it.
    Notifier(const Ports& ports, Sender& sender);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// To be called when settings.notify_targets have changed.
    void replace();
    /// Returns when each target was told, or can't be for now.
    boost::asio::awaitable<void> until_idle();

    /// Sends one message to [notify.NAME] now, past all others, and says what came back. A command is left
    /// one for `batchd hooks`. Errors: not_found where there is no such target.
    boost::asio::awaitable<Result<notify::SendResult>> test(std::string name);

private:
    /// Ends where there are only commands or nothing at all: others run until cancelled.
    boost::asio::awaitable<void> run_all();
    /// Those that are configured no longer are forgotten.
    void forget_others();
    /// False until the first targets are set up.
    bool is_idle() const;

    const Ports ports_;
    Sender& sender_;
    Wake changed_;
    Wake idle_;
    bool is_running_ = false;
    std::map<std::string, config::NotifyTarget> targets_;
    std::vector<std::unique_ptr<Teller>> tellers_;
};

}  // namespace batchd::engine
