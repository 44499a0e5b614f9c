#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/doubt/lost_bundles.hpp"
#include "engine/doubt/successor.hpp"
#include "engine/look/surveyor.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/worker.hpp"
#include "provider/provider.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Attempts that the database takes for new, and that the provider may have all the same: the database was
/// lost and built again, or the state directory is an old copy. So a start looks before it sends: everything
/// of a job that was there at the start, its later attempts as well, is looked for before it is sent, for
/// marks follow from the job, and what it costs was paid.
class LostAttempts {
public:
    /// All of it outlives the stage.
    struct Ports {
        const config::Settings& settings;
        const spool::Layout& layout;
        store::Store& store;
        Clock& clock;
        boost::asio::thread_pool& pool;
        Journal& journal;
        const std::string& name;  ///< of the account
        const config::Provider& account;
        provider::Provider& provider;
        boost::asio::any_io_executor executor;
    };

    /// What was there at the start: jobs and commands up to these numbers.
    struct AtStart {
        store::JobId newest_job{};
        std::int64_t newest_command = 0;
    };
    /// All that the database holds now; where it can't be read, everything counts as old, which costs a look.
    static AtStart all_of(store::Store& store);

    LostAttempts(const Ports& ports, Surveyor& surveyor, AtStart at_start);

    /// With neither `wait` nor `found`, it was never sent, as far as anybody can tell; then `successor` says
    /// whether its requests have gone on all the same, and must not be sent as this attempt.
    struct Search {
        Progress wait{};                               ///< it can't be told yet
        std::optional<provider::BatchObject> found{};  ///< to be adopted
        std::vector<std::string> others{};             ///< more with the same mark: to be cancelled
        Successor successor = Successor::none;
    };

    /// Looks in work/, where the batch's id was noted, then in a listing that was asked for `list_lag` after
    /// the start: one walk for all jobs, a page for a hundred batches. Finds nothing, at no cost, for a job
    /// that was claimed since.
    boost::asio::awaitable<Search> look_for(const store::Batch& batch, const store::Job& job);

    /// As LostBundles::state_id().
    std::string state_id() const { return bundles_.state_id(); }
    /// True where look_for() may look: the job was there at the start, or may have been.
    bool may_have_been_sent(const store::Sharing& member) const;
    /// The same of an attempt whose turn has come.
    bool may_have_been_sent(const store::Batch& batch, const store::Job& job) const;

    /// Notes the batch's id in work/. It need not be durable: it is for the day on which the database is
    /// lost, and the listings have it too.
    void note(const store::Batch& batch, const store::Job& job, const std::string& batch_id) const;

private:
    /// Where the id of its batch is noted in work/.
    Path note_of(const store::Batch& batch, const store::Job& job) const;
    /// As may_have_been_sent(), exactly: for a job that was made of another one, that one counts as well.
    bool was_there_at_the_start(const store::Job& job) const;
    /// The job that this one was made of; itself where it was dropped. Nothing where nobody knows.
    std::optional<store::Job> made_of(const store::Job& job) const;
    /// Whether it is at the provider.
    boost::asio::awaitable<Search> look_there(const store::Batch& batch, const store::Job& job);
    /// By the id that is noted, which costs one call and no walk.
    boost::asio::awaitable<Search> ask_for(const store::Batch& batch, std::string batch_id);
    /// By its mark or, where that is not shown, by its file.
    boost::asio::awaitable<Search> look_through_listing(const store::Batch& batch);
    boost::asio::awaitable<Progress> look_for_bundles(const store::Batch& batch, const BatchSurvey& survey);
    /// What a listing that failed means: wait, or believe the database after so many refusals.
    Progress no_listing(const provider::Failure& failure);

    const Ports ports_;
    /// By row: how often the list of files could not be had.
    std::map<std::int64_t, unsigned> failed_file_looks_;
    Surveyor& surveyor_;
    LostBundles bundles_;
    AtStart at_start_;
    Millis may_look_at_;     // uptime: what was made right before the start may not be listed yet
    unsigned refusals_ = 0;  // of the listing, in a row
};

}  // namespace batchd::engine
