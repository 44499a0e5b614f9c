#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/stage/holding.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Ends what a cancelled job waits for and the provider does not end, or does not say whether it has it,
/// after `retry.cancel_patience`: nobody may wait for ever for a job that they have cancelled. What is left
/// open at the provider is said.
class CancelPatience {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        Wakes& wakes;
        const std::string& name;  ///< of the account, in the configuration and in the database
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    /// Who has a batch that is not at the provider waits no longer for it.
    struct Hurry {
        std::function<void(store::BatchRowId)> submitter;  ///< ends it, with what is known of it
        std::function<void(store::BatchRowId)> collector;  ///< takes what is there of it
    };
    CancelPatience(const Ports& ports, Hurry hurry);

    /// Runs until cancelled. Sleeps until the next deadline, or until it is woken because there may be
    /// another.
    boost::asio::awaitable<void> run();

private:
    using OfCancelled = store::Batches::OfCancelled;
    using Cancelled = store::Parts::Cancelled;

    /// Answers how long nothing will be due.
    boost::asio::awaitable<std::optional<Millis>> end_what_is_due();
    /// Likewise: jobs that were cancelled leave batches that others wait for.
    std::optional<Millis> leave_what_is_shared();
    Result<void> leave(const Cancelled& part);
    /// Answers when it is tried again.
    Millis complain(Complaint& complaint, const Error& why);
    /// When the patience with a batch in this phase is over.
    TimePoint due(store::BatchPhase phase, TimePoint asked_at, std::optional<TimePoint> ended_at) const;
    /// False where that was done before.
    bool hurry(const OfCancelled& batch);
    /// Looks a last time where the provider has answered before in this round, and ends the batch in any
    /// case. `answers` becomes false where it did not, so that of many only one is waited for.
    boost::asio::awaitable<void> end(store::BatchRowId id, bool& answers);
    /// Once more, for a moment only; nothing when there is no answer. What can be ended is ended by it.
    boost::asio::awaitable<std::optional<provider::BatchObject>> last_look(const store::Batch& batch);
    /// With what `object` says or, without it, with what was seen last. Part of the caller's transaction.
    Result<void> record_end(const store::Batch& batch, const store::Job& job,
                            const std::optional<provider::BatchObject>& object);

    const Ports ports_;
    Holding holding_{ports_.store, ports_.clock, ports_.journal, ports_.wakes};
    const Hurry hurry_;
    const TimePoint since_ = ports_.clock.now();
    /// The submitter and the collector are told once of each: they go on by themselves from there.
    std::set<std::pair<store::BatchRowId, bool>> hurried_;  // the batch, and whether it has ended
    Complaint complaint_{ports_.journal}, shared_complaint_{ports_.journal};
};

}  // namespace batchd::engine
