#pragma once

#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "engine/cancel/cancel_patience.hpp"
#include "engine/cancel/canceller.hpp"
#include "engine/clean/cleaner.hpp"
#include "engine/clean/file_sweeper.hpp"
#include "engine/collect/collector.hpp"
#include "engine/fallback/deadline_watch.hpp"
#include "engine/look/surveyor.hpp"
#include "engine/resources.hpp"
#include "engine/room/model_holds.hpp"
#include "engine/submit/submitter.hpp"
#include "engine/twins/twin_watch.hpp"
#include "engine/watch/poller.hpp"

namespace batchd::engine {

/// One provider as the daemon knows it: its settings, and the calls to it as one account. Both are kept for
/// as long as somebody works with them.
struct AccountAccess {
    std::string name;  ///< in the configuration and the database; "default" for [provider]
    std::shared_ptr<const config::Provider> settings;
    std::shared_ptr<provider::Provider> calls;
};

/// The stages of one account: whatever talks to its provider. Between them are the
/// database, which is their queue, and wakes, which are hints; but for a cancel whose patience is over, and a
/// deadline, which hurry whoever has the batch.
class AccountStages {
public:
    AccountStages(const Resources& shared, AccountAccess access);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

    /// A cancel of the job is on record. Its batches here are looked at at once, whatever they wait for: a
    /// person waits. To be called after the commit, for the stages read the cancel from the database.
    void take_up_cancel(store::JobId job);

    /// Those that the stages were made with: a reload makes new stages and never changes these.
    const config::Provider& settings() const { return *access_.settings; }
    /// For who calls from outside of the stages: these end before the call does, where a reload replaces
    /// them.
    std::shared_ptr<provider::Provider> calls() const { return access_.calls; }
    /// For the commands by which people settle a doubt. Must not be kept over a `co_await`: a reload replaces
    /// the stages.
    Submitter& submitter() { return submitter_; }
    /// When the provider is asked next; nothing: there is nothing to ask for.
    std::optional<Millis> next_round() const { return poller_.next_round(); }
    /// What the stages that work on batches wait for at this instant, one entry a stage.
    std::vector<const Waits*> batch_waits() const {
        return {&submitter_.waits(), &collector_.waits(), &canceller_.waits(), &cleaner_.bundle_waits()};
    }
    /// What the provider does by itself, for people; "" where that is nothing.
    std::string activity() const {
        const std::string what = access_.calls->activity();
        return what.empty() || access_.name == "default" ? what : access_.name + ": " + what;
    }
    /// Likewise, of the stage whose rows are jobs, and of the one whose rows are files that nothing uses any
    /// more.
    const Waits& job_waits() const { return cleaner_.waits(); }
    const Waits& file_waits() const { return sweeper_.waits(); }

private:
    /// Before all stages, which refer to its name, settings and calls.
    AccountAccess access_;
    store::Store& store_;
    Clock& clock_;
    AccountWakes& wakes_;
    /// What several stages here know together: which models must wait, what the listings show, and which
    /// batches run twice. Before the stages that refer to it.
    ModelHolds holds_;
    Surveyor surveyor_;
    Submitter submitter_;
    Twins twins_;
    Poller poller_;
    Canceller canceller_;
    DeadlineWatch deadline_watch_;
    TwinWatch twin_watch_;
    Collector collector_;
    CancelPatience cancel_patience_;
    Cleaner cleaner_;
    FileSweeper sweeper_;
};

}  // namespace batchd::engine
