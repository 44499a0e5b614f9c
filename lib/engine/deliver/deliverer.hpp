#pragma once

#include <map>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/deliver/delivery.hpp"
#include "engine/deliver/next_job.hpp"
#include "engine/intake/late_input.hpp"
#include "engine/intake/writer_patience.hpp"
#include "engine/record/journal.hpp"
#include "engine/stage/commit_group.hpp"
#include "engine/stage/sized_workers.hpp"
#include "engine/wakes.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Puts the folders of ended jobs into the outbox, each by one rename, and records the job's final state.
class Deliverer {
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
    };

    explicit Deliverer(const Ports& ports);

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();
    Waits waits() const { return workers_.waits(); }
    /// Somebody cancels it: it is looked at now, whatever it waits for.
    void take_up_cancel(const store::Job& job) { workers_.take_up(job.id, job.size_bytes); }

private:
    /// All of it in the order that a crash allows at any point: pieces, input, folder, and the row last of
    /// all.
    boost::asio::awaitable<Progress> deliver_job(std::int64_t id);
    boost::asio::awaitable<Progress> take_shared_pieces(Delivery& delivery,
                                                        std::vector<store::Parts::OfBundle> shared);
    /// Of a job that was cancelled: whether files of its answers are missing, so that it ends with what there
    /// is.
    boost::asio::awaitable<Progress> look_for_missing(Delivery& delivery);
    /// Fills in delivery.job.reason of a job that ends as failed.
    boost::asio::awaitable<Progress> give_reason(Delivery& delivery);
    /// `outbox`: as it is configured, and then where its folder goes or has gone.
    boost::asio::awaitable<Progress> look_for_input(Delivery& delivery, Path& outbox);
    /// The final state, with its event. Part of the caller's transaction, as add_next() and add_rest().
    Result<void> record_end(const Delivery& delivery, const Path& folder);
    /// Whether the job's file was written to since it was read; what was appended is kept as the rest.
    boost::asio::awaitable<Result<LateInput>> look_at_input(store::Job& job);
    /// The original was set aside, and is not there: it is waited for, and what that means is said then.
    Result<void> miss_original(const store::Job& job, const LateInput& late);
    /// What the next step needs is on the disk; nothing: there is none.
    boost::asio::awaitable<Result<std::optional<NextStep>>> keep_next_step(const Delivery& delivery);
    /// Why nothing is made of its answers; nothing: it is. `terms` are those of the job.
    std::optional<std::string> why_no_next(const store::Job& job, const Result<Terms>& terms) const;
    /// Errors: changed where a cancel has come meanwhile, or the queue of the next step has gone.
    Result<void> may_go_on_still(const store::Job& job, const NextStep& step);
    /// The job of the next step, with its event.
    Result<void> add_next(const store::Job& job, const NextStep& step);
    Result<void> add_rest(const store::Job& job, std::optional<store::Job> rest);

    const Ports ports_;
    WriterPatience writers_{ports_.clock};
    struct Away {
        Millis since{0};
        bool is_said = false;
    };
    std::map<store::JobId, Away>
        away_;  // jobs whose delivery waits, or has waited, for the original of their file
    CommitGroup commits_;
    SizedWorkers workers_;
};

}  // namespace batchd::engine
