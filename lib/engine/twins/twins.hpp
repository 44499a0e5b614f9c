#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "engine/look/batch_survey.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/complaint.hpp"
#include "provider/provider.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Finds, in the provider's listings, batches that run beside the one on record, and cancels them. They come
/// about when a create seemed to have had no effect and was made again.
///
/// One for all stages that look at listings, so that each second batch is cancelled, and told of, once.
class Twins {
public:
    Twins(store::Store& store, const Clock& clock, Journal& journal, provider::Provider& provider)
        : store_(store), clock_(clock), journal_(journal), provider_(provider) {}

    /// What one walk through a listing has shown.
    struct Look {
        /// Those on record. Where the listing does not show ours beside the other one, the two may be one:
        /// there are gateways with ids of their own, which they do not give in every answer.
        std::set<std::string> on_record{};
        std::vector<std::pair<provider::BatchObject, store::Batch>> seconds{};  ///< with the one on record
    };

    /// Takes note of `object` when it is a second batch of ours: by our mark or, where a create was made
    /// again and the listing does not show the mark, by its input file.
    Result<void> look_at(const provider::BatchObject& object, Look& look);
    /// The same for what a survey shows of this batch, which is on record.
    Result<void> look_at(const BatchSurvey& survey, const store::Batch& batch, Look& look);
    /// Cancels what was noted. What can't be cancelled now is found by the next listing again.
    boost::asio::awaitable<void> cancel(Look look);

private:
    /// One of them, and tells of it once.
    boost::asio::awaitable<void> cancel(provider::BatchObject twin, store::Batch owner);
    /// The batch on record that bears the same mark, or is made of the same file where that was submitted
    /// twice.
    Result<std::optional<store::Batch>> original_of(const provider::BatchObject& object);
    void tell(const store::Batch& owner, const std::string& detail);

    store::Store& store_;
    const Clock& clock_;
    Journal& journal_;
    provider::Provider& provider_;
    std::set<std::string> in_hand_;          // ids: being cancelled
    std::set<std::string> told_;             // ids: nothing more to do about these
    std::map<std::string, unsigned> alone_;  // ids: looks that did not show the one on record beside it
    Complaint complaint_{journal_};
};

}  // namespace batchd::engine
