#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "engine/intake/intake.hpp"
#include "engine/queue/waiting_tally.hpp"
#include "engine/record/journal.hpp"
#include "engine/release/release_rules.hpp"
#include "engine/release/set_back_watch.hpp"
#include "engine/stage/complaint.hpp"
#include "engine/wakes.hpp"
#include "spool/layout.hpp"
#include "store/store.hpp"

namespace batchd::engine {

/// Lets go what waits in the queues when its time has come: its batches are planned then, and sent. Nothing
/// is polled for it: the next moment is computed, and waited for by the clock on the wall. A single run waits
/// for no time: what an earlier one left waiting goes at once.
class Releaser {
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

    explicit Releaser(const Ports& ports, Intake::Mode mode = Intake::Mode::daemon)
        : ports_(ports), mode_(mode) {}

    /// Runs until cancelled.
    boost::asio::awaitable<void> run();

    /// Lets go what waits in this queue and was taken up to `until`; where the queue has a budget, as far as
    /// there is money, unless that is to be passed over. Answers how many requests and files that is.
    boost::asio::awaitable<Result<WaitingFiles>> release(store::Release what, TimePoint until,
                                                         std::string why);
    /// These jobs are sent, as far as they wait still; all in one go, for what is on record at the same
    /// moment can share a batch.
    boost::asio::awaitable<Result<void>> let_go(std::vector<store::Job> jobs);

private:
    boost::asio::awaitable<void> release_each_in_time();
    /// What a job's plan has for the provider.
    struct ToSend {
        std::vector<store::Batch> batches{};
        std::string why_not{};  ///< the plan can't be had
    };

    /// Blocking. Errors: errno.
    Result<ToSend> read_what_to_send(const store::Job& job, const config::Spool& folders,
                                     TimePoint now) const;
    /// A job that has gone meanwhile is passed over. Part of the caller's transaction.
    Result<void> record(const store::Job& job, const ToSend& what, TimePoint now);
    /// Fills the tally at the first look after a start.
    Result<void> count_all();
    Result<WaitingFiles> count(const std::string& queue);
    /// When all that waits in the queue is sent, as far as that is known: people are shown it.
    Result<void> record_moment(const std::string& queue, const WaitingTally::Look& look);
    /// Answers when the next moment comes; nothing: when there is more.
    boost::asio::awaitable<std::optional<TimePoint>> release_what_is_due();
    boost::asio::awaitable<std::optional<TimePoint>> look_at(std::string queue, WaitingFiles waiting);
    /// Its time has come, and the budget decides from here on.
    Result<WaitingFiles> record_due(const std::string& queue, const std::vector<store::JobId>& ids);
    boost::asio::awaitable<Result<WaitingFiles>> let_go_by_id(std::vector<store::JobId> ids);
    boost::asio::awaitable<bool> let_cancelled_go(std::vector<store::JobId> ids);
    boost::asio::awaitable<Result<void>> let_go_alone(store::JobId id);
    /// When to look again after something failed.
    TimePoint try_again_at() const;
    /// None for a single run, and for a queue that is not configured.
    ReleaseRules rules_of(const std::string& queue);
    bool is_company_coming(const std::string& queue, TimePoint until);

    const Ports ports_;
    const Intake::Mode mode_;
    SetBackWatch set_back_{ports_.clock, ports_.wakes.releaser};
    Complaint complaint_{ports_.journal};
    Complaint complaint_of_cancelled_{ports_.journal};
};

}  // namespace batchd::engine
