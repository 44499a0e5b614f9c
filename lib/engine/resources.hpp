#pragma once

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "money/price_file/prices.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// What all stages together are made with, wired in daemon/ (or in a test). Only who makes stages takes it;
/// a stage takes what its own Ports names, so that its constructor tells what it depends on. All of it
/// outlives the stages.
struct Resources {
    const config::Settings& settings;
    const spool::Layout& layout;
    store::Store& store;
    Clock& clock;
    boost::asio::thread_pool& pool;
    Journal& journal;
    Wakes& wakes;
    money::Prices& prices;
};

}  // namespace batchd::engine
