#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/worker.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Deletes uploads at the provider that nothing uses any more (the table `unused_files`): of batches that
/// were refused and made anew, and such whose answer was lost.
class FileSweeper {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Retry& retry;
        store::Store& store;
        Clock& clock;
        Journal& journal;
        Wakes& wakes;
        const std::string& name;  ///< of the account, in the configuration and in the database
        provider::Provider& provider;
        AccountWakes& own_wakes;
    };

    explicit FileSweeper(const Ports& ports);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

private:
    /// Deletes the file of one row, and forgets the row where it is gone, or where the provider will never
    /// delete it.
    boost::asio::awaitable<Progress> sweep(std::int64_t row);

    const Ports ports_;
    Worker worker_;
};

/// Takes note of the uploads of an ended job's batches that turned up beside those on record, because they
/// were made again. Lists the provider's files, if there was such a repetition at all; raises `sweeper` when
/// there is something to delete at this account.
boost::asio::awaitable<Progress> note_second_uploads(store::Store& store, const Clock& clock,
                                                     provider::Provider& provider, std::string account,
                                                     Wake& sweeper, store::Job job,
                                                     std::vector<store::Batch> batches);

}  // namespace batchd::engine
