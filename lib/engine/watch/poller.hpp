#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/room/model_holds.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/stage/holding.hpp"
#include "engine/twins/twins.hpp"
#include "engine/wakes.hpp"
#include "engine/watch/poll_order.hpp"
#include "engine/watch/poll_plan.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Watches the batches that the provider has, at `poll.interval`, until each has a final status. Whatever
/// order the statuses come in, they are taken as they are; there is no deadline of our own, for expiry is
/// late by hours at times.
///
/// A listing shows how far they are, and cheaply. An end is only believed when the batch itself says so,
/// asked by its id.
class Poller {
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

    Poller(const Ports& ports, ModelHolds& holds, Twins& twins);

    /// Runs until cancelled. Sleeps without a timer while nothing is in flight.
    boost::asio::awaitable<void> run();

    /// Does not wait for the interval with the next round: there is something new to be seen.
    void look_now() {
        looks_now_ = true;
        ports_.own_wakes.poller.raise();
    }

    /// Uptime of the next round; nothing while nothing is in flight.
    std::optional<Millis> next_round() const { return next_round_; }

private:
    using Watched = store::Batches::Watched;
    /// What a condition about this row is about.
    static std::string condition_about(store::BatchRowId id) { return "batch " + std::to_string(id.value); }
    /// What one round is about, and what it has seen so far.
    struct Round {
        std::unordered_map<std::string, Watched> unseen;  ///< by batch id: not shown by a listing
        std::vector<Watched> to_ask;                      ///< by their ids
        std::vector<std::pair<Watched, provider::Failure>> absent;
        bool any_seen = false;  ///< of this account
        Twins::Look twins{};
    };

    boost::asio::awaitable<void> sleep_until_next_round();
    /// One round: the listing as far as it pays, then those that are left by their ids, then the ones that
    /// are not found.
    boost::asio::awaitable<void> round();
    Round begin_round(std::vector<Watched> watched);
    /// The one that was not asked for by its id for the longest time.
    std::optional<Watched> next_in_turn(const Round& round) const;
    /// Those that were made at another address, in one transaction.
    Result<void> hold_all(const std::vector<Watched>& elsewhere);
    boost::asio::awaitable<void> list(Round& round, unsigned pages_max);
    /// What a page shows, in one commit.
    void take_page(const std::vector<provider::BatchObject>& page, Round& round);
    /// By their ids, in the order in which they were not asked for the longest. Ends where it would fail for
    /// all.
    boost::asio::awaitable<void> ask_for_each(Round& round);
    boost::asio::awaitable<bool> is_of_another(const Watched& watched, const provider::BatchObject& object);
    /// What a batch says of itself: only this ends it.
    void take_answer(const Watched& watched, const provider::BatchObject& object, Round& round);
    /// It can't be asked for now; the others go on, and it is shown as waiting.
    void pass_over(const Watched& watched, const provider::Failure& failure);
    /// It could be asked for again.
    void answered(const Watched& watched);
    /// On record, once it has shown our mark or file: from then on it has to go on showing it.
    Result<void> recognise(const store::Batch& batch, const provider::BatchObject& object);
    /// Tells of a status that is no word that we know, for as long as it lasts.
    Result<void> tell_of_word(const store::Batch& batch, const provider::BatchObject& object);
    void forget_all_but(const std::vector<std::int64_t>& rows);
    /// Brings the row to what was seen. Part of the caller's transaction.
    Result<void> take(const Watched& watched, const provider::BatchObject& object);
    /// The batch has ended: from here on it is the collector's.
    Result<void> take_end(const store::Batch& batch, const store::Sighting& sighting);
    /// Tells of requests that may have been answered twice, where there are more than before.
    Result<void> note_repeated(const store::Batch& batch, const provider::BatchObject& object);
    Result<void> is_there(const store::Batch& batch);
    Result<void> note_if_overdue(const store::Batch& batch);
    /// What to believe of those that the provider says it does not know: see judge_absence().
    boost::asio::awaitable<void> judge_absent(Round& round);
    /// True where the first page of the listing has a batch of ours: the key and the address are right then.
    boost::asio::awaitable<bool> listing_shows_ours();
    Result<void> missing(const Watched& watched, const provider::Failure& failure, bool other_is_there);
    /// Ended, by the provider's word alone: nothing of it is sent again by itself.
    Result<void> gone(const store::Batch& batch, const provider::Failure& failure);

    const Ports ports_;
    Holding holding_{ports_.store, ports_.clock, ports_.journal, ports_.wakes};
    ModelHolds& holds_;
    PollPlanner planner_;
    PollOrder order_;
    std::optional<Millis> next_round_;
    bool looks_now_ = false;
    std::map<std::int64_t, Millis> hidden_since_;  // rows that show neither mark nor file any more: uptime
    std::map<std::int64_t, unsigned> absences_;    // rows: looks in a row that found none
    std::set<std::int64_t> odd_words_;             // rows whose status is a word that we don't know
    Twins& twins_;                                 // to be cancelled after the page is taken
    Complaint complaint_{ports_.journal};
    Complaint absent_{ports_.journal};  // apart: one that answers does not make another one found
};

}  // namespace batchd::engine
