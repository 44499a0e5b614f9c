#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/doubt/doubt.hpp"
#include "engine/doubt/lost_attempts.hpp"
#include "engine/look/answer_fit.hpp"
#include "engine/look/batch_survey.hpp"
#include "engine/look/lookup.hpp"
#include "engine/look/surveyor.hpp"
#include "engine/pack/packing.hpp"
#include "engine/record/journal.hpp"
#include "engine/room/admission.hpp"
#include "engine/room/model_holds.hpp"
#include "engine/stage/holding.hpp"
#include "engine/stage/worker.hpp"
#include "engine/terms/terms.hpp"
#include "engine/wakes.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Brings planned batches to the provider: upload, create, and, after a doubt, look before doing anything
/// again.
///
/// The intent is committed before each call that has an effect, its outcome after it. So a batch that is
/// found in `uploading` or `creating` is one whose answer nobody has: it may have taken effect or not, and
/// the provider's listings say which. No create is ever repeated blindly, and none that was answered with
/// success at all; where the listings prove nothing, the batch is held. An upload costs nothing, and is made
/// again after one look.
class Submitter {
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

    Submitter(const Ports& ports, ModelHolds& holds, Surveyor& surveyor, LostAttempts::AtStart at_start);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    const Waits& waits() const { return worker_.waits(); }

    /// A cancel of the job is on record: its batches are taken up at once, and an upload is broken off. A
    /// create that is under way goes on, for only its answer says what to cancel.
    void take_up_cancel(store::JobId job);
    /// A cancel has waited for long enough for what may be found of this batch: it ends, with what is known
    /// of it. A create that is under way comes to its end first.
    void hurry(store::BatchRowId id);
    /// The deadline of this batch, which is not submitted, is over: whatever it waits for is broken off.
    void take_up_late(store::BatchRowId id);
    /// Somebody decides what becomes of this batch, whose create is in doubt: looking for it ends.
    void drop(store::BatchRowId id);
    /// Somebody says that this is the batch whose create is in doubt.
    Progress take_named(const store::Batch& batch, const store::Job& job,
                        const provider::BatchObject& object);

private:
    using Step = boost::asio::awaitable<Progress>;

    /// Puts it together with others first, where these are to go with it.
    Step take(std::int64_t id);
    /// Takes one batch as far as it goes. Done: the provider has it, or will never take it.
    Step advance(std::int64_t id);

    using Call = Step (Submitter::*)(const store::Batch&, const store::Job&);
    /// Adopts the batch where the provider has it already, though the database does not say so; otherwise
    /// makes the call.
    Step look_first(const store::Batch& batch, const store::Job& job, Call call);
    /// The row gets the batch that the provider has, by the phases that it would have gone through.
    Progress adopt(const store::Batch& batch, const store::Job& job, const provider::BatchObject& object);
    /// The provider has no batch of it, and its requests have gone on as another attempt, before the database
    /// was lost or put back: ends it as it ended then, so that the other comes about again and is found.
    Progress end_as_before(const store::Batch& batch, const store::Job& job, Successor successor);
    /// It ends here, and `detail` is told as this kind of event.
    Progress end_as(const store::Batch& batch, const store::Job& job, const store::Sighting& end,
                    EventKind told, const std::string& detail);
    /// From `planned`: intent, call, and what it was answered with.
    Step upload(const store::Batch& batch, const store::Job& job);
    /// From `uploading`: the answer never came, so the list of files is looked through once.
    Step settle_upload(const store::Batch& batch, const store::Job& job);
    /// Back to `planned`, with a note that a second file may turn up.
    Progress upload_is_absent(const store::Batch& batch, const store::Job& job);
    /// From `uploaded`: the one call that costs. Behind its intent it is made once or, where nobody knows,
    /// looked for.
    Step create(const store::Batch& batch, const store::Job& job);
    /// What a create was answered with is recorded where it is ours; else ours is looked for.
    Step take_created(const store::Batch& batch, const store::Job& job, provider::BatchObject object);
    /// From `creating`: looks for the batch. Found, it is taken; proved absent, it is made again; else the
    /// row is held.
    Step settle_creation(const store::Batch& batch, const store::Job& job);
    /// Of several, the one that is furthest along is taken, and the others are cancelled first.
    Step take_found(const store::Batch& batch, const store::Job& job,
                    std::vector<provider::BatchObject> found);
    /// What it is worth that the batch is not in the listing.
    Proof proof_of_absence(const store::Batch& batch, const BatchSurvey& survey) const;
    /// A survey was made that began at or after uptime `began`, and nothing of it is in it.
    Progress creation_is_absent(const store::Batch& batch, const store::Job& job, const BatchSurvey& survey,
                                Millis began);
    /// Back to `uploaded`: the create before counts as one that may have been made.
    Progress create_again(const store::Batch& batch, const store::Job& job);
    /// Held, and looked for all the same; `why` is said to people, with the commands that end it.
    Progress hold_in_doubt(const store::Batch& batch, const store::Job& job, const std::string& why);
    /// It is held no more, for the reason that is told.
    Progress let_go(const store::Batch& batch, const std::string& why);

    /// Whether a create that was refused for the moment took effect all the same: before each `call` that
    /// follows, for as long as the row waits.
    boost::asio::awaitable<LostAttempts::Search> look_after_refusal(const store::Batch& batch, Call call);
    /// What follows from not finding what is in doubt by a look that began at uptime `began`; nothing where a
    /// command has decided meanwhile.
    std::optional<Doubt::Next> not_found(const store::Batch& batch, Millis began);
    /// How long a listing may take to show what this create made.
    Millis lag_to_believe(const store::Batch& batch) const;
    /// What the create was answered with, where it shows itself by now under the id that it had there.
    /// None or one.
    boost::asio::awaitable<std::vector<provider::BatchObject>> answered_with(const store::Batch& batch);

    /// Ends a batch of which the provider has nothing to run; an upload of it is deleted by others.
    Step withdraw(const store::Batch& batch, const store::Job& job);
    /// Ends a batch of a cancelled job, which does not wait for ever. Where the provider may have it all the
    /// same, that is said.
    Step give_up(const store::Batch& batch, const store::Job& job);
    /// As whom, and where, the next call is made: it goes on record with the intent.
    store::MadeUnder made_under() const;
    /// So long the listing is looked at for a second batch of a create that was answered.
    TimePoint glance_until() const;
    /// The provider has no batch of it, and will have none unless we create it.
    static bool is_ours_still(store::BatchPhase phase) { return phase < store::BatchPhase::creating; }
    /// See must_not_be_sent().
    bool is_withdrawn(const store::Batch& batch) const;
    /// It is taken back instead of being sent: withdrawn, or its deadline is over.
    bool is_taken_back(const store::Batch& batch) const;
    /// Whether a call that makes or fills a batch may be made now, and by which terms. Without them: what is
    /// waited for, or nothing where the batch has been left to the collector.
    struct Clearance {
        std::optional<Terms> terms{};
        Progress wait{};
    };
    Clearance clear(const store::Batch& batch, const store::Job& job);
    /// Of a job whose terms can't be read nothing is sent, until somebody has put them back.
    Progress hold_without_terms(const store::Batch& batch, const Error& why);
    std::optional<std::uint64_t> limit_of(const store::Batch& batch, const Terms& terms) const;
    /// Why it is to be cut: more tokens than may be enqueued; nothing where it isn't.
    std::optional<std::string> too_large(const store::Batch& batch, const store::Job& job,
                                         std::optional<std::uint64_t> limit) const;
    /// Leaves it to the collector to cut it, or to give it up.
    Progress end_as_too_large(const store::Batch& batch, const std::string& why);
    /// It waits while the provider is held for its model, or has no room; `limit`, of enqueued tokens, comes
    /// from `terms` or was learnt.
    Progress wait_for_turn(const store::Batch& batch, const Terms& terms, std::optional<std::uint64_t> limit);
    /// The create was refused for the tokens that are enqueued: it waits, or is cut where waiting can't help.
    Progress no_room(const store::Batch& batch, const store::Job& job, const provider::Failure& failure);
    /// It goes on record as submitted, with all that is to be watched for from here on.
    Progress record_created(const store::Batch& batch, const store::Job& job,
                            const provider::BatchObject& object);
    /// Its time begins with its first submission.
    Result<void> record_deadline(const store::Batch& batch, const store::Job& job, TimePoint at);
    /// It ends here by the provider's own word; the collector gives its requests their error, or the
    /// fallback.
    Progress refuse(const store::Batch& batch, const store::Job& job, const provider::Failure& failure);
    /// Sorts the failure: a doubt is settled by looking, a refusal ends the batch, all else is tried again.
    Progress upload_failed(const store::Batch& batch, const store::Job& job,
                           const provider::Failure& failure);
    /// The file of the job is not as it was read: on record and told once, with the way out in `wait`.
    void say_unreadable(const store::Batch& batch, store::Job job, Postponed& wait);
    /// Something on the way has said so: it is believed when it has said it often enough.
    Progress upload_is_too_large(const store::Batch& batch, const store::Job& job,
                                 const provider::Failure& failure);
    /// Likewise.
    Progress creation_failed(const store::Batch& batch, const store::Job& job,
                             const provider::Failure& failure);
    /// The row stays in `creating`; an answer with success is noted, for it proves that there is a batch.
    Progress creation_in_doubt(const store::Batch& batch, const store::Job& job,
                               const provider::Failure& failure);
    /// An upload was answered with a file of somebody else's, or ours came to be another on its way.
    Progress upload_is_another(const store::Batch& batch, const store::Job& job,
                               const provider::FileObject& file);
    /// The create could not find its file: again, and after some tries with a new upload.
    Progress file_not_visible(const store::Batch& batch, const store::Job& job,
                              const provider::Failure& failure);
    /// Nothing ran: it is tried again, so often in a row, before the refusal is believed.
    Progress refused_for_now(const store::Batch& batch, const store::Job& job,
                             const provider::Failure& failure, store::BatchPhase back_to);
    /// The batches that the listing shows without anything to know them by are asked for one by one: those
    /// that are ours, or why it can't be told.
    struct Named {
        std::vector<provider::BatchObject> ours{};
        std::string unclear{};  ///< the id of one that nobody can tell from ours
        Progress wait{};
        bool is_settled() const { return !ours.empty() || !unclear.empty() || wait; }
    };
    /// What a batch shows of itself. Nothing: it is not there, or what `named` waits for keeps it from being
    /// seen.
    boost::asio::awaitable<std::optional<provider::BatchObject>> object_of(std::string id, Named& named);
    boost::asio::awaitable<Named> ask_for_nameless(const store::Batch& batch, std::vector<std::string> ids);
    /// The same of those that are made of a file that may be ours under another id.
    boost::asio::awaitable<Named> ask_for_unmarked(const store::Batch& batch,
                                                   std::vector<provider::BatchObject> shown);
    /// Whether a file under this id, which is not the one that ours was uploaded under, is ours.
    boost::asio::awaitable<provider::Answer<Fit>> whose_file(const store::Batch& batch,
                                                             const std::string& file_id);
    /// What was made under another address can't be looked for, or used, at this one.
    bool is_made_elsewhere(const store::Batch& batch) const;
    /// All of them, or it waits: nobody would come back to them once the row is settled.
    Step cancel_twins(std::vector<std::string> batch_ids, const store::Batch& batch, const store::Job& job);
    /// The doubt is over; `how` is told.
    void settled(const store::Batch& batch, const store::Job& job, std::string_view how);

    const Ports ports_;
    Holding holding_{ports_.store, ports_.clock, ports_.journal, ports_.wakes};
    ModelHolds& holds_;
    Admission admission_;
    Surveyor& surveyor_;
    LostAttempts lost_;
    Packing packing_;
    std::map<std::int64_t, Doubt> doubts_;
    /// Batches whose last create was refused by something before the provider, with a page: most likely it
    /// did not go through, so it is made once more also where the listing proves nothing, or there is none.
    std::set<std::int64_t> refused_on_the_way_;
    bool was_refused_on_the_way(const store::Batch& batch) const;
    /// Of batches in doubt: files that the provider shows as others than theirs.
    std::set<std::pair<std::int64_t, std::string>> others_files_;
    /// Answers in a row of which each may say that there is no batch for this: how many, and the last.
    struct NoBatch {
        unsigned times = 0;
        provider::Failure last{};
    };
    std::map<std::int64_t, NoBatch> no_batch_;
    void note_no_batch(const store::Batch& batch, const provider::Failure& failure);
    /// It was said often enough to be believed.
    bool has_no_batch(const store::Batch& batch, const store::Job& job) const;
    std::map<std::int64_t, unsigned> failed_file_looks_;  // through the list of files, in a row
    /// Uploads of a batch that had no effect, or were refused, in a row; so many, and no other waits behind
    /// it.
    std::map<std::int64_t, unsigned> lost_uploads_;
    static constexpr unsigned kLostUploadsMax = 3;
    unsigned failed_looks_ = 0;                   // through the list of batches, in a row
    std::map<std::int64_t, unsigned> invisible_;  // creates in a row that could not find the file
    std::map<std::int64_t, unsigned> refusals_;   // passing ones, in a row
    std::map<std::int64_t, Millis> refused_at_;   // creates: the last time, for the moment
    std::set<std::int64_t> in_create_;            // the call is under way
    std::set<std::int64_t> hurried_;              // see hurry()
    Worker worker_;
};

}  // namespace batchd::engine
