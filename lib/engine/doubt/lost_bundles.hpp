#pragma once

#include <set>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/async/turnstile.hpp"
#include "base/clock.hpp"
#include "engine/look/batch_survey.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/postponed.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Batches that several jobs share, and that neither the database nor work/ knows: the state directory is an
/// old copy. Whose requests are in one stands in its file at the provider, in the ids; from these its key and
/// its mark follow, so that it is known for what it is, and its folder is made again.
class LostBundles {
public:
    /// All of it outlives it.
    struct Ports {
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        const std::string& name;  ///< of the account
        provider::Provider& provider;
        boost::asio::any_io_executor executor;
    };
    explicit LostBundles(const Ports& ports) : ports_(ports), one_(ports.executor, 1) {}

    /// Adds those that the listing shows, each once; what is added is then looked for like any other attempt.
    /// Waits where the file of one can't be had: its requests may be in it.
    boost::asio::awaitable<Progress> look(const BatchSurvey& survey);

private:
    /// Downloads its file, reads whose requests are in it, and adds it where one of these jobs is open.
    boost::asio::awaitable<Progress> take(const provider::BatchObject& shown, std::string mark);

    const Ports ports_;
    // One at a time: two rows of one batch would write its folder side by side, and remove it from under each
    // other.
    Turnstile one_;
    std::set<std::string> seen_;  // ids of batches
};

}  // namespace batchd::engine
