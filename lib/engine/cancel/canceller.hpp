#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/worker.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Tells the provider to cancel the batches of cancelled jobs, and those whose deadline is over. It says so
/// until the provider has heard it: a second cancel of a batch does what one does. How the batch ends, and
/// with which answers, the poller sees.
class Canceller {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Retry& retry;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        Wakes& wakes;
        const std::string& name;  ///< of the account, in the configuration and in the database
        const config::Provider& account;
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    explicit Canceller(const Ports& ports);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    /// Of cancelled jobs first, for a person waits for these, and then those whose deadline is over.
    Result<std::vector<store::BatchRowId>> find(std::size_t count_max);
    /// A provider that says it is too late is told no more: the batch is on record as told, and its end comes
    /// by itself.
    boost::asio::awaitable<Progress> cancel(std::int64_t id);

    const Ports ports_;
    Worker worker_;
};

}  // namespace batchd::engine
