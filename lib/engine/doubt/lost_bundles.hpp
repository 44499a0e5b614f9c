#pragma once

#include <map>
#include <optional>
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
#include "spool/state/state_identity.hpp"
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
    explicit LostBundles(const Ports& ports)
        : ports_(ports),
          one_(ports.executor, 1),
          identity_(spool::read_state_identity(ports.layout.identity())) {}

    /// Adds those that the listing shows, each once; what is added is then looked for like any other attempt.
    /// Waits where the file of one can't be had: its requests may be in it. Where it has ended and the
    /// provider says that the file is gone, nobody can tell any more, and that is said.
    boost::asio::awaitable<Progress> look(const BatchSurvey& survey);

    /// metadata.batchd_state of what is shared: which state directory it was sent from. "": not known.
    std::string state_id() const { return identity_ ? identity_->id : std::string(); }

private:
    /// No request of this state's is in it that was paid.
    bool is_of_nobody_here(const provider::BatchObject& shown) const;
    /// What becomes of the jobs at hand where its file could not be had.
    Progress without_file(const provider::BatchObject& shown, const provider::Failure& failure);
    /// Downloads its file, reads whose requests are in it, and adds it where one of these jobs is open.
    boost::asio::awaitable<Progress> take(const provider::BatchObject& shown, std::string mark);

    const Ports ports_;
    // One at a time: two rows of one batch would write its folder side by side, and remove it from under each
    // other.
    Turnstile one_;
    std::optional<spool::StateIdentity> identity_;
    std::set<std::string> seen_;               // ids of batches
    std::map<std::string, unsigned> denials_;  // of their files, by the id of the batch
};

}  // namespace batchd::engine
