#pragma once

#include <string>
#include <utility>

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/backoff.hpp"
#include "engine/wakes.hpp"
#include "money/price_file/prices.hpp"
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
    Clock& clock;
    boost::asio::thread_pool& pool;
    Journal& journal;
    Wakes& wakes;
    money::Prices& prices;

    Backoff backoff() const { return {settings.retry.min_backoff, settings.retry.max_backoff}; }
};

/// The same for the stages that talk to one provider, as whom we are there. Each account has stages of its
/// own, which see only its rows: what is refused to one, or is slow for it, holds up no other.
struct AccountPorts : Ports {
    AccountPorts(const Ports& shared, std::string its_name, const config::Provider& its_settings,
                 provider::Provider& its_calls)
        : Ports(shared),
          name(std::move(its_name)),
          account(its_settings),
          provider(its_calls),
          own_wakes(wakes.of(name)) {}

    std::string name;  ///< in the configuration and in the database; "default" for [provider]
    const config::Provider& account;
    provider::Provider& provider;
    AccountWakes& own_wakes;
};

}  // namespace batchd::engine
