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
        /// False: nothing was changed, and the sentence says why.
        bool ok = false;
        std::string sentence{};
    };
    /// `verb`: abandon, adopt (with the provider's batch id as `argument`) or resend.
    boost::asio::awaitable<Outcome> obey(store::Verb verb, store::Job job, std::string argument);

private:
    /// The submitter of its account no longer looks for it; otherwise it would settle the doubt while a
    /// person does.
    void drop(const store::Batch& batch);
    /// All that is held of the job ends as given up. What it runs at the provider is not fetched.
    Outcome abandon(const store::Job& job, const std::vector<store::Batch>& batches);
    // Both are part of the caller's transaction. Batches that nobody else is in end …
    Result<void> end(const store::Job& job, const std::vector<store::Batch>& batches);
    // … and out of others the job goes, which may have been all that it waited for.
    Result<void> leave(const store::Job& job, const std::vector<store::Batch>& batches);
    /// Each create that is in doubt is made once more, on the word of a person.
    Outcome resend(const store::Job& job, const std::vector<store::Batch>& batches);
    /// Takes the batch with this id for the one that is in doubt, unless it shows that it is none of ours.
    boost::asio::awaitable<Outcome> adopt(store::Job job, std::vector<store::Batch> batches,
                                          std::string batch_id);

    store::Store& store_;
    Clock& clock_;
    Journal& journal_;
    Wakes& wakes_;
    Accounts& accounts_;
};

}  // namespace batchd::engine
