#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/async/task_group.hpp"
#include "base/async/turnstile.hpp"
#include "base/async/wake_line.hpp"
#include "http/client.hpp"
#include "provider/api_key.hpp"
#include "provider/calls/call_tally.hpp"
#include "provider/direct/local/run_store.hpp"
#include "provider/direct/run/prepared_rows.hpp"
#include "provider/direct/run/runner.hpp"
#include "provider/direct/run/standing.hpp"
#include "provider/openai/wire.hpp"
#include "provider/provider.hpp"

namespace batchd::provider::direct {

/// One run, as it is on disk and at work.
struct LocalRun {
    explicit LocalRun(const boost::asio::any_io_executor& executor) : saving(executor, 1) {}

    RunRecord record;
    Turnstile saving;  ///< one that is cancelled in the moment of its end would be written by two threads
    std::uint64_t turn = 0;    ///< whose turn it takes in the line
    Runner* runner = nullptr;  ///< while it sends
    RunProgress last;          ///< of the runner before
    std::string trouble;       ///< why nothing of it goes on; "" where it does

    RunProgress progress() const { return runner == nullptr ? last : runner->progress(); }
};

/// The runs of one account: begun, sent at the account's one pace, gone on with after a restart, ended. Where
/// the server refuses the key, or the account can't pay, all of them halt, and one request after each pause
/// finds out whether that is over. I/O thread only; must outlive its calls.
class Runs {
public:
    struct Options {
        PaceLimits limits;
        Millis timeout;     ///< of one request
        RetryLimits retry;  ///< but for the attempts, which are each run's own
        Standing::Limits standing;
        std::string base_path;
        std::string query;  ///< of every request, without '?'
    };
    struct Parts {
        const RunStore& store;
        http::Client& client;
        const Wire& wire;
        const ApiKey& key;
        boost::asio::any_io_executor executor;
        boost::asio::thread_pool& pool;
        Clock& clock;
        Jitter jitter;
    };
    Runs(Options options, Parts parts);

    /// Reads what there is on disk; a second time does nothing. Errors: errno, corrupt.
    boost::asio::awaitable<Result<void>> load();
    /// Sends, until cancelled; what was answered until then is on disk.
    boost::asio::awaitable<void> run(std::function<void()> changed);

    /// A run of that key; nullptr where there is none. Good until forget().
    LocalRun* find(const std::string& key);
    std::vector<const LocalRun*> newest_first() const;
    /// Durable when it returns. There is none of this key yet. Errors: errno.
    boost::asio::awaitable<Result<void>> begin(RunRecord record);
    /// Durable when it returns: no more is sent, and what is not answered ends with `batch_cancelled`.
    boost::asio::awaitable<Result<void>> cancel(LocalRun& run);
    /// Of one that has ended.
    void forget(const std::string& key) { runs_.erase(key); }

    /// Why the server takes none of them, where that is for people to know.
    const std::optional<Closure>& closure() const { return standing_.closure(); }
    /// What the old key was to blame for is over.
    void key_changed();
    /// Other limits from now on, for the runs at work as well; `timeout`: of one request.
    void set_limits(PaceLimits limits, Millis timeout);
    /// Sends no more, ever, and returns when what is under way has ended.
    boost::asio::awaitable<void> drain() { return line_.drain(); }

    std::string activity() const;
    std::string stall() const;
    /// Of the requests.
    CallTally& tally() { return tally_; }

private:
    boost::asio::awaitable<void> perform(LocalRun& run);
    boost::asio::awaitable<void> until_allowed(const LocalRun& run);
    boost::asio::awaitable<Result<void>> go_on(LocalRun& run);
    boost::asio::awaitable<Result<void>> send(LocalRun& run, OpenedJournal opened, PreparedRows& rows);
    boost::asio::awaitable<Result<void>> count_repeated(LocalRun& run, const Replay& replay);
    boost::asio::awaitable<Result<void>> finish(LocalRun& run);
    boost::asio::awaitable<Result<void>> save(LocalRun& run, RunRecord record);
    boost::asio::awaitable<void> watch();
    Runner::Options options_for(const LocalRun& run) const;
    std::size_t retries_max() const;
    PaceLimits with_pause(PaceLimits limits) const;
    bool may_send() const { return !standing_.barred_until() && !parts_.key.is_missing(); }
    boost::asio::awaitable<void> let_go_in_time();
    void let_go();
    void forget_closure_of_nothing();
    void heard(const std::string& key, const Verdict& verdict);
    void tell_changed();
    LocalRun& add(RunRecord record);
    std::uint64_t count_settled() const;
    bool any_left() const;

    Options options_;
    Parts parts_;
    PaceLine line_;
    AnswerRoom room_;
    Turnstile places_;
    std::map<std::string, std::unique_ptr<LocalRun>> runs_;
    std::function<void()> changed_;
    TaskGroup* at_work_ = nullptr;
    Standing standing_;
    CallTally tally_;
    WakeLine go_;
    Wake barred_;
    Wake begun_;
    double per_second_ = 0;
    bool is_loaded_ = false;
    std::string trouble_;
};

}  // namespace batchd::provider::direct
