#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "engine/account/accounts.hpp"
#include "engine/ports.hpp"

namespace batchd::engine {

/// What people decide where batchd can't know: give up what is held, name the batch that is in doubt, say
/// that nothing of it ran. Each is an event of its own.
class DoubtCommands {
public:
    DoubtCommands(Ports& ports, Accounts& accounts) : ports_(ports), accounts_(accounts) {}

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

    Ports& ports_;
    Accounts& accounts_;
};

}  // namespace batchd::engine
