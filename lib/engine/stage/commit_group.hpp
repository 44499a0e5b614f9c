#pragma once

#include <functional>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/result.hpp"
#include "store/sqlite/database.hpp"

namespace batchd::engine {

/// Changes of rows that are worked on side by side, committed together. A commit waits for the disk, on the
/// I/O thread; with a thousand small files that end at once, these waits would be all that is done. Whatever
/// is asked for before the thread comes to the commit goes with it, so a change that comes alone waits for no
/// other. I/O thread only; callers are gone, and the executor has run, before the group is.
class CommitGroup {
public:
    CommitGroup(store::Database& database, boost::asio::any_io_executor executor);

    /// As Database::transact(), but returns only once the commit of the group is over. `change` fails alone:
    /// what it did is undone, and the others are committed.
    /// It is run later, so the state of the stage may be another one by then. Where the caller is cancelled
    /// meanwhile it was made or it was not, as with a crash.
    boost::asio::awaitable<Result<void>> transact(std::function<Result<void>()> change);

private:
    struct Entry;
    class Place;

    void commit_all();
    Result<void> attempt_each(const std::vector<Entry*>& entries);

    store::Database& database_;
    boost::asio::any_io_executor executor_;
    std::vector<Entry*> waiting_;
};

}  // namespace batchd::engine
