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

/// Tells the provider to cancel the batches of cancelled jobs. It says so until the provider has heard it: a
/// second cancel of a batch does what one does. How the batch ends, and with which answers, the poller sees.
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

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    boost::asio::awaitable<Progress> cancel(std::int64_t id);

    const Ports ports_;
    Worker worker_;
};

}  // namespace batchd::engine
