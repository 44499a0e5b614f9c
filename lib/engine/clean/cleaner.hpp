#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/commit_group.hpp"
#include "engine/stage/worker.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Removes what ended jobs of an account no longer need: their work directory and, with `delete_files`, their
/// files at the provider.
class Cleaner {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        Wakes& wakes;
        const std::string& name;  ///< of the account, in the configuration and in the database
        const config::Provider& account;
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    explicit Cleaner(const Ports& ports);

    /// Runs until cancelled. Jobs and bundles are two loops, for their rows are of different tables.
    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }
    /// What its rows, of batches, wait for.
    const Waits& bundle_waits() const { return bundles_.waits(); }

private:
    /// What belongs to the job alone. What it shares with others stays until all of them have ended.
    boost::asio::awaitable<Progress> clean(std::int64_t id);
    /// What went to a fallback has files there, which its own account deletes.
    Result<void> leave_to_others(const store::Job& job, const std::vector<store::Batch>& batches);
    /// What several jobs shared, by one of its batches.
    boost::asio::awaitable<Progress> clean_bundle(std::int64_t id);
    /// Files of theirs at the provider, and their folder in work/.
    boost::asio::awaitable<Progress> remove(store::Job owner, std::vector<store::Batch> batches);
    /// Results that may hold answers nobody has read are kept at the provider; so is what lies at another
    /// address.
    boost::asio::awaitable<Progress> delete_remote_files(const store::Job& job,
                                                         const std::vector<store::Batch>& batches);

    const Ports ports_;
    CommitGroup commits_;
    Worker worker_;
    Worker bundles_;
};

}  // namespace batchd::engine
