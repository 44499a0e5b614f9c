#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/wakes.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Wakes who has to act at the moment at which a deadline of one account's batches is over: the canceller for
/// what is at the provider, the submitter for what waits to be sent there again.
class DeadlineWatch {
public:
    /// All of it outlives the stage.
    struct Ports {
        store::Store& store;
        Clock& clock;
        Journal& journal;
        const std::string& name;  ///< of the account, in the configuration and in the database
        AccountWakes& own_wakes;
    };
    explicit DeadlineWatch(const Ports& ports) : ports_(ports) {}

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

private:
    const Ports ports_;
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
