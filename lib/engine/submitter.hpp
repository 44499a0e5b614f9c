#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "engine/admission.hpp"
#include "engine/doubt.hpp"
#include "engine/lookup.hpp"
#include "engine/lost_attempts.hpp"
#include "engine/model_holds.hpp"
#include "engine/ports.hpp"
#include "engine/worker.hpp"

namespace batchd::engine {

/// Brings planned batches to the provider: upload, create, and, after a doubt, look before doing anything
/// again.
///
/// The intent is committed before each call that has an effect, its outcome after it. So a batch that is
/// found in `uploading` or `creating` is one whose answer nobody has: it may have taken effect or not, and
/// the provider's listings say which. No call with an effect is ever repeated blindly.
class Submitter {
public:
    Submitter(Ports& ports, ModelHolds& holds);

    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

    /// A cancel of the job is on record: its batches are taken up at once, and an upload is broken off. A
    /// create that is under way goes on, for only its answer says what to cancel.
    void hear_of_cancel(store::JobId job);

private:
    using Step = boost::asio::awaitable<Progress>;

    /// Takes one batch as far as it goes. Done: the provider has it, or will never take it.
    Step advance(std::int64_t id);

    using Call = Step (Submitter::*)(const store::Batch&, const store::Job&);
    /// Adopts the batch where the provider has it already, though the database does not say so; otherwise
    /// makes the call.
    Step look_first(const store::Batch& batch, const store::Job& job, Call call);
    Progress adopt(const store::Batch& batch, const store::Job& job, const provider::BatchObject& object);
    Step upload(const store::Batch& batch, const store::Job& job);
    Step settle_upload(const store::Batch& batch, const store::Job& job);
    Step create(const store::Batch& batch, const store::Job& job);
    Step settle_creation(const store::Batch& batch, const store::Job& job);

    Step withdraw(const store::Batch& batch, const store::Job& job);
    store::MadeUnder made_under() const;
    bool is_cancelled(store::JobId job) const;
    std::optional<std::uint64_t> limit_of(const store::Batch& batch) const;
    /// Why it is to be cut: more tokens than may be enqueued; nothing where it isn't.
    std::optional<std::string> too_large(const store::Batch& batch, const store::Job& job) const;
    /// Leaves it to the collector to cut it, or to give it up.
    Progress end_as_too_large(const store::Batch& batch, const std::string& why);
    Progress wait_for_turn(const store::Batch& batch);
    Progress no_room(const store::Batch& batch, const store::Job& job, const provider::Failure& failure);
    Progress record_created(const store::Batch& batch, const store::Job& job,
                            const provider::BatchObject& object);
    Progress refuse(const store::Batch& batch, const store::Job& job, const provider::Failure& failure);
    Progress upload_failed(const store::Batch& batch, const store::Job& job,
                           const provider::Failure& failure);
    Progress creation_failed(const store::Batch& batch, const store::Job& job,
                             const provider::Failure& failure);
    Progress file_not_visible(const store::Batch& batch, const store::Job& job,
                              const provider::Failure& failure);
    /// Asks for the batches that the listing shows without anything to know them by, one by one.
    Step ask_for_nameless(BatchSearch& search);
    Progress still_absent(const store::Batch& batch, const store::Job& job, store::BatchPhase back_to);
    Step cancel_twins(std::vector<std::string> batch_ids, const store::Batch& batch, const store::Job& job);
    void settled(const store::Batch& batch, const store::Job& job, std::string_view how);

    Ports& ports_;
    ModelHolds& holds_;
    Admission admission_;
    std::map<std::int64_t, Doubt> doubts_;
    LostAttempts lost_;
    std::map<std::int64_t, unsigned> invisible_;  // creates in a row that could not find the file
    Worker worker_;
};

}  // namespace batchd::engine
