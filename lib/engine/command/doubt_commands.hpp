#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "engine/account/accounts.hpp"
#include "engine/record/journal.hpp"
#include "engine/wakes.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// What people decide where batchd can't know: give up what is held, name the batch that is in doubt, say
/// that nothing of it ran. Each is an event of its own.
class DoubtCommands {
public:
    DoubtCommands(store::Store& store, Clock& clock, Journal& journal, Wakes& wakes, Accounts& accounts)
        : store_(store), clock_(clock), journal_(journal), wakes_(wakes), accounts_(accounts) {}

    struct Outcome {
        Progress wait{};  ///< it could not be recorded, and is tried again
        bool ok = false;
        std::string sentence{};
    };
    /// `verb`: abandon, adopt (with the provider's batch id as `argument`) or resend.
    boost::asio::awaitable<Outcome> obey(store::Verb verb, store::Job job, std::string argument);

private:
    void drop(const store::Batch& batch);
    Outcome abandon(const store::Job& job, const std::vector<store::Batch>& batches);
    Outcome resend(const store::Job& job, const std::vector<store::Batch>& batches);
    boost::asio::awaitable<Outcome> adopt(store::Job job, std::vector<store::Batch> batches,
                                          std::string batch_id);

    store::Store& store_;
    Clock& clock_;
    Journal& journal_;
    Wakes& wakes_;
    Accounts& accounts_;
};

}  // namespace batchd::engine
