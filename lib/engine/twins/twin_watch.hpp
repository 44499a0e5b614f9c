#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/twins/twins.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Lists the provider's batches for a while after a create was made again, and once after each other create,
/// whatever the poller does: the batch that seemed not to be there may turn up late, and a gateway may have
/// made two of one. What is watched for is in the database, so a start
/// goes on with it.
class TwinWatch {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        const std::string& name;  ///< of the account, in the configuration and in the database
        const config::Provider& account;
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    TwinWatch(const Ports& ports, Twins& twins) : ports_(ports), twins_(twins) {}

    /// Runs until cancelled. Lists nothing while there is nothing to watch for.
    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<void> look(TimePoint since);
    /// When the oldest of the calls began that are watched for; nothing: none is.
    std::optional<TimePoint> watched_since();

    const Ports ports_;
    Twins& twins_;
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
