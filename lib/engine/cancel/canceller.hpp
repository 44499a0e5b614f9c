#pragma once

#include <boost/asio/awaitable.hpp>

#include "engine/ports.hpp"
#include "engine/stage/worker.hpp"

namespace batchd::engine {

/// Tells the provider to cancel the batches of cancelled jobs, and those whose deadline is over. It says so until the provider has heard it: a
/// second cancel of a batch does what one does. How the batch ends, and with which answers, the poller sees.
class Canceller {
public:
    explicit Canceller(AccountPorts& ports);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    Result<std::vector<store::BatchRowId>> find(std::size_t count_max);
    boost::asio::awaitable<Progress> cancel(std::int64_t id);

    AccountPorts& ports_;
    Worker worker_;
};

}  // namespace batchd::engine
