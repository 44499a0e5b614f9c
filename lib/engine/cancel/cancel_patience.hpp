#pragma once

#include <functional>
#include <optional>
#include <set>

#include <boost/asio/awaitable.hpp>

#include "engine/ports.hpp"
#include "engine/stage/complaint.hpp"

namespace batchd::engine {

/// Ends what a cancelled job waits for and the provider does not end, after `retry.cancel_patience`: nobody
/// may wait for ever for a job that they have cancelled. What is left open at the provider is said.
class CancelPatience {
public:
    /// `hurry` makes the collector take what is there of a batch that has ended.
    CancelPatience(AccountPorts& ports, std::function<void(store::BatchRowId)> hurry);

    boost::asio::awaitable<void> run();

private:
    using OfCancelled = store::Batches::OfCancelled;

    /// Answers how long nothing will be due.
    boost::asio::awaitable<std::optional<Millis>> end_what_is_due();
    boost::asio::awaitable<void> end(store::BatchRowId id, bool& answers);
    /// Once more, for a moment only; nothing when there is no answer.
    boost::asio::awaitable<std::optional<provider::BatchObject>> last_look(const store::Batch& batch);
    Result<void> record_end(const store::Batch& batch, const store::Job& job,
                            const std::optional<provider::BatchObject>& object);

    AccountPorts& ports_;
    std::function<void(store::BatchRowId)> hurry_;
    std::set<store::BatchRowId> hurried_;
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
