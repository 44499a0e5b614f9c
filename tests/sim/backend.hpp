#pragma once

#include <map>
#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "sim/batch_runner.hpp"
#include "sim/batch_store.hpp"
#include "sim/faults.hpp"
#include "sim/file_store.hpp"
#include "sim/generations.hpp"
#include "sim/ledger.hpp"
#include "sim/lies.hpp"
#include "sim/settings.hpp"
#include "sim/sim_clock.hpp"

namespace batchd::sim {

/// All that the service knows: one account with one key, and those that tests add. Used on the server's
/// thread only.
struct Backend {
    /// `directory` is made, with its sub-folders.
    Backend(boost::asio::any_io_executor executor, const Path& directory, SimClock::Mode mode,
            Settings initial, std::string api_key);

    Settings settings;
    SimClock clock;
    Faults faults;
    Lies lies;
    Ledger ledger;
    Generations generations;
    FileStore files;
    BatchStore batches;
    std::string key;                                ///< of the account ""
    std::map<std::string, std::string> other_keys;  ///< and whose they are
    BatchRunner runner;
};

}  // namespace batchd::sim
