#pragma once

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/backoff.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// The outside worlds that the stages work on, wired in daemon/ (or in a test). All of it outlives the
/// stages.
struct Ports {
    const config::Settings& settings;
    const spool::Layout& layout;
    store::Store& store;
    provider::Provider& provider;
    Clock& clock;
    boost::asio::thread_pool& pool;
    Journal& journal;
    Wakes& wakes;

    Backoff backoff() const { return {settings.retry.min_backoff, settings.retry.max_backoff}; }
};

}  // namespace batchd::engine
