#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/wakes.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Tells who has to act at the moment at which a deadline of one account's batches is over: the canceller of
/// what is at the provider, the submitter of what waits to be sent there again, and may wait for ever.
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
    /// `late` is told once of each that is not submitted.
    DeadlineWatch(const Ports& ports, std::function<void(store::BatchRowId)> late)
        : ports_(ports), late_(std::move(late)) {}

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

private:
    Result<void> tell_of_unsent();

    const Ports ports_;
    const std::function<void(store::BatchRowId)> late_;
    std::set<store::BatchRowId> told_;
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
