#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/async/turnstile.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/settings.hpp"
#include "control/json_call.hpp"
#include "hooks/cursor.hpp"
#include "hooks/notice_page.hpp"
#include "hooks/run_command.hpp"

namespace batchd::hooks {

/// What the commands share. All of it outlives them.
struct HookPorts {
    Path socket;           ///< of the daemon
    Path state;            ///< the folder of the cursors
    Turnstile& turnstile;  ///< how many may run at once
    Clock& clock;
    Log& log;
};

/// Runs the command of one [notify.NAME] for each notice that it wants, one after the other: each at least
/// once, over restarts and kills too. One that fails is tried three times in all, one that was ended at its
/// time once.
class HookRunner {
public:
    HookRunner(const HookPorts& ports, std::string name, config::NotifyTarget target);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

private:
    /// Where the cursor stands, or where the daemon says that this target begins.
    boost::asio::awaitable<void> begin();
    /// The next notices, or none after half a minute; tries until the daemon answers.
    boost::asio::awaitable<NoticePage> next_page();
    /// Where the daemon's database is another one than that by which the cursor was saved, the cursor goes
    /// where that goes on.
    boost::asio::awaitable<void> follow(Cursor from);
    /// As often as it takes, and three times at most. Until it is done with, and the cursor is saved behind
    /// it: a crash in between runs the command once more.
    boost::asio::awaitable<void> run_for(const HookNotice& notice);
    /// Within the turnstile.
    boost::asio::awaitable<CommandOutcome> run_once(const HookNotice& notice);
    /// Leaves it in the log, and with the daemon where that can be reached.
    boost::asio::awaitable<void> report(const HookNotice& notice, const CommandOutcome& outcome);
    boost::asio::awaitable<Result<control::JsonAnswer>> ask(control::JsonCall asked);
    /// Tries until it is on the disk, for without it a restart would run commands again.
    boost::asio::awaitable<void> save(Cursor cursor);
    void say(LogLevel level, const std::string& text) const;

    const HookPorts ports_;
    const std::string name_;
    const config::NotifyTarget target_;
    const Path file_;
    Cursor cursor_;
    bool has_begun_ = false;  // there is a cursor
};

}  // namespace batchd::hooks
