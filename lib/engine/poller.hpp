#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/complaint.hpp"
#include "engine/model_holds.hpp"
#include "engine/poll_plan.hpp"
#include "engine/ports.hpp"
#include "engine/twins.hpp"

namespace batchd::engine {

/// Watches the batches that the provider has, at `poll.interval`, until each has a final status. Whatever
/// order the statuses come in, they are taken as they are; there is no deadline of our own, for expiry is
/// late by hours at times.
class Poller {
public:
    Poller(Ports& ports, ModelHolds& holds);

    boost::asio::awaitable<void> run();

    /// Uptime of the next round; nothing while nothing is in flight.
    std::optional<Millis> next_round() const { return next_round_; }

private:
    using InFlight = std::unordered_map<std::string, store::Batches::Watched>;

    boost::asio::awaitable<void> sleep_until_next_round();
    boost::asio::awaitable<void> round();
    boost::asio::awaitable<void> list(InFlight& unseen, unsigned pages_max);
    boost::asio::awaitable<void> ask_for_each(InFlight& unseen);
    Result<void> take_page(const std::vector<provider::BatchObject>& page, InFlight& unseen);
    Result<void> take(const store::Batches::Watched& watched, const provider::BatchObject& object);
    Result<void> note_if_overdue(const store::Batch& batch);
    Result<void> missing(const store::Batches::Watched& watched, const provider::Failure& failure);

    Ports& ports_;
    ModelHolds& holds_;
    PollPlanner planner_;
    std::optional<Millis> next_round_;
    Twins twins_;                                // to be cancelled after the page is taken
    std::map<std::string, unsigned> not_found_;  // batch id to polls in a row
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
