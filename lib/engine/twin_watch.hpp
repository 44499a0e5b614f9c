#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "engine/complaint.hpp"
#include "engine/ports.hpp"
#include "engine/twins.hpp"

namespace batchd::engine {

/// Lists the provider's batches for a while after a create was made again, whatever the poller does: the
/// batch that seemed not to be there may turn up late. What is watched for is in the database, so a start
/// goes on with it.
class TwinWatch {
public:
    explicit TwinWatch(Ports& ports) : ports_(ports), twins_(ports) {}

    boost::asio::awaitable<void> run();

private:
    boost::asio::awaitable<void> look(TimePoint since);

    Ports& ports_;
    Twins twins_;
    Complaint complaint_{ports_.journal};
};

}  // namespace batchd::engine
