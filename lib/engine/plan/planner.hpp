#pragma once

#include <functional>
#include <map>
#include <stop_token>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/intake/intake.hpp"
#include "engine/intake/writer_patience.hpp"
#include "engine/plan/plan.hpp"
#include "engine/queue/waiting_tally.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/commit_group.hpp"
#include "engine/stage/sized_workers.hpp"
#include "engine/wakes.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Validates claimed files and splits them into batches, or puts them into rejected/ with what is wrong with
/// them. Large files have a place of their own, one at a time, so that small ones are not held up.
class Planner {
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
        WaitingTally& waiting;
    };

    /// `is_moving`: the file of a job is still on its way into the work directory.
    Planner(const Ports& ports, std::function<bool(store::JobId)> is_moving, Intake::Mode mode);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    /// Of all lanes, by reason.
    Waits waits() const { return workers_.waits(); }

    /// A cancel of the job is on record: reading its file is broken off, and the job ends.
    void take_up_cancel(const store::Job& job);

private:
    using Step = boost::asio::awaitable<Progress>;

    /// Breaks off what is being read in the pool when the stage is cancelled.
    boost::asio::awaitable<void> stop_at_the_end();
    Result<std::vector<store::JobId>> find(const SizeLane& lane, std::size_t count_max);
    /// One file, from its claim to its batches or to rejected/.
    Step plan(std::int64_t id);
    /// In the pool, with copies: a file of gigabytes takes minutes, and settings may be replaced meanwhile.
    boost::asio::awaitable<Result<Plan>> read(const store::Job& job, const Terms& terms);
    bool was_cancelled(store::JobId id) const;
    Step give_back(const store::Job& job);
    /// What a planned job waits for before its batches are made.
    enum class WaitsFor { nothing, money, company };
    Result<WaitsFor> wait_of(const store::Job& job, const Plan& plan) const;
    bool waits_in_its_queue(const store::Job& job) const;
    /// The job with all its batches in one commit or, where it waits in its queue, without them.
    Step accept(const store::Job& job, Plan plan);
    Result<void> record_plan(const store::Job& job, const Plan& plan, WaitsFor waits_for);
    void tell_releaser(const store::Job& job, std::uint64_t collected);
    /// Into rejected/, and only then on record.
    Step reject(const store::Job& job, std::string text, std::string summary);
    /// Of a folder that is published already.
    Step record_rejection(const store::Job& job, Path folder, std::string summary);
    /// rejected/, as it is configured or, where its file has left for another one, as it was.
    Result<Path> rejected_of(const store::Job& job) const;
    /// Finds out what a crash has interrupted: a rejection, which is finished, or a claim.
    Step input_is_gone(const store::Job& job);
    /// A claim: it is finished, waited for or undone.
    Step finish_claim(const store::Job& job);
    /// Somebody is about to write more to a file that would be rejected, and not for long.
    Progress wait_for_writer(const store::Job& job, const Path& inbox);

    const Ports ports_;
    std::function<bool(store::JobId)> is_moving_;
    Intake::Mode mode_;
    std::map<std::int64_t, std::stop_source> reading_;  // by job
    WriterPatience writers_{ports_.clock};
    CommitGroup commits_;
    SizedWorkers workers_;
};

}  // namespace batchd::engine
