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
    unsigned cancelling = 0;   ///< who is about to put a cancel on record
    Turnstile saving;          ///< whoever writes the record; one may be cancelled in the moment of its end
    Owner turn;                ///< whose turn it takes in the line
    Runner* runner = nullptr;  ///< while it sends
    RunProgress last;          ///< of the runner before
    bool has_no_requests = false;  ///< cancelled, and they can't be read
    std::string trouble;           ///< why nothing of it goes on; "" where it does

    RunProgress progress() const { return runner == nullptr ? last : runner->progress(); }
};

/// The runs of one account: begun, sent at the account's one pace, gone on with after a restart, ended. Where
/// the server refuses the key, or the account can't pay, all of them halt, and one request after each pause
/// finds out whether that is over. I/O thread only; must outlive its calls.
class Runs {
public:
    /// What the configuration says of them all; set_limits() changes two of these.
    struct Options {
        PaceLimits limits;
        Millis timeout;     ///< of one request
        RetryLimits retry;  ///< but for the attempts, which are each run's own
        Standing::Limits standing;
        std::string base_path;
        std::string query;  ///< of every request, without '?'
    };
    /// What they work with. All of it outlives them.
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
    /// Why nobody can tell how the run of this key stands; nullptr where there is none such. It may have
    /// answers that are paid for: it is neither there nor gone.
    const Error* why_unreadable(const std::string& key) const;
    std::vector<std::string> unreadable_keys() const;
    /// Durable when it returns. There is none of this key yet. Errors: errno.
    boost::asio::awaitable<Result<void>> begin(RunRecord record);
    /// Durable when it returns: no more is sent, and what is not answered ends with `batch_cancelled`.
    boost::asio::awaitable<Result<void>> cancel(LocalRun& run);
    /// Cancels it where it is not yet, breaks off what is under way, and comes back when it has ended.
    /// Errors: errno.
    boost::asio::awaitable<Result<void>> end_now(LocalRun& run);
    /// Of one that has ended.
    void forget(const std::string& key) { runs_.erase(key); }

    /// Why the server takes none of them, where that is for people to know.
    const std::optional<Closure>& closure() const { return standing_.closure(); }
    /// What the old key was to blame for is over.
    void key_changed();
    /// Other limits from now on, for the runs at work as well; `timeout`: of one request.
    void set_limits(PaceLimits limits, Millis timeout);
    /// Sends no more, ever. What is under way has ten seconds to end, and is given up then; returns when all
    /// that was answered is on disk, however long the disk takes.
    boost::asio::awaitable<void> drain();
    /// Answers that are paid for and not on disk yet.
    std::uint64_t unsaved() const;

    /// For people, in one line: how fast it goes; "" where no run is left.
    std::string activity() const;
    /// For people: why nothing of a run goes on; "" where all goes on, or there is nothing to do.
    std::string stall() const;
    /// Of the requests.
    CallTally& tally() { return tally_; }

private:
    /// Those that are known, and those that are begun meanwhile.
    boost::asio::awaitable<void> run_all();
    /// Those whose records could not be read, now and then; ends when all are.
    boost::asio::awaitable<void> look_for_unreadable();
    /// One run from where its journal stands to its end, for as long as the account may send.
    boost::asio::awaitable<void> perform(LocalRun& run);
    /// Waits while the account is barred or has no key. A cancelled run needs neither.
    boost::asio::awaitable<void> until_allowed(const LocalRun& run);
    /// Nothing to do where it is cancelled or has ended already. Errors: errno; it goes on as before then.
    boost::asio::awaitable<Result<void>> put_cancel_on_record(LocalRun& run);
    /// Opens the journal and sends what has no end yet. Errors: errno, corrupt.
    boost::asio::awaitable<Result<void>> go_on(LocalRun& run);
    /// Of a cancelled run: what has no line has none, for the requests are not there to tell whose it would
    /// be.
    boost::asio::awaitable<Result<void>> end_by_journal(LocalRun& run, const Replay& replay);
    boost::asio::awaitable<Result<void>> send(LocalRun& run, OpenedJournal opened, PreparedRows& rows);
    /// What was under way when the daemon died may be answered twice: on record before anything is sent
    /// again.
    boost::asio::awaitable<Result<void>> count_repeated(LocalRun& run, const Replay& replay);
    /// Puts its end on record, once every row has its line.
    boost::asio::awaitable<Result<void>> finish(LocalRun& run);
    /// run.json. The caller has the run's turn (`saving`), and has made the record within it: one that was
    /// made before may lack what was written meanwhile. Errors: errno.
    boost::asio::awaitable<Result<void>> write(RunRecord record);
    /// Every other second while a run is left: the rate, the idle connections, and `changed`.
    boost::asio::awaitable<void> watch();
    Runner::Options options_for(const LocalRun& run) const;
    /// While so many rows of a run wait to be sent again, it begins no new one. As many as may be in flight,
    /// for all of these may come back at once.
    std::size_t retries_max() const;
    PaceLimits with_pause(PaceLimits limits) const;
    bool may_send() const { return !is_closed_ && !standing_.barred_until() && !parts_.key.is_missing(); }
    /// One that is cancelled sends nothing, and one that is being cancelled may not have to.
    bool may_begin(const LocalRun& run) const {
        return run.record.is_cancelled || (run.cancelling == 0 && may_send());
    }
    /// A run has requests under way, or answers that are not on disk.
    bool any_sending() const;
    /// Ends the bar when its time is over.
    boost::asio::awaitable<void> let_go_in_time();
    /// One request may find out.
    void let_go();
    void forget_closure_of_nothing();
    /// What came of a request, for the standing of the whole account.
    void heard(const std::string& key, const Verdict& verdict);
    /// Of something that people should see at once.
    void tell_changed();
    /// In memory only.
    LocalRun& add(RunRecord record);
    /// Rows with an end, of all runs.
    std::uint64_t count_settled() const;
    /// A run has no end yet.
    bool any_left() const;

    Options options_;
    Parts parts_;
    PaceLine line_;
    AnswerRoom room_;
    /// How many runs are open at a time; the others wait with nothing but their record in memory.
    Turnstile places_;
    Turnstile loading_;  ///< who comes while the runs are being read waits for them
    std::map<std::string, std::unique_ptr<LocalRun>> runs_;
    std::map<std::string, Error> unreadable_;  // by key: why
    std::function<void()> changed_;
    TaskGroup* at_work_ = nullptr;
    Standing standing_;
    CallTally tally_;
    /// For runs that wait until they may send.
    WakeLine go_;
    /// For who waits until a run has ended.
    WakeLine ended_;
    /// For who waits until none sends any more.
    WakeLine left_;
    Wake barred_;
    Wake begun_;
    /// Answers, over the last while, for people.
    double per_second_ = 0;
    bool is_loaded_ = false;
    bool is_closed_ = false;  // for good, by drain()
    std::string trouble_;
};

}  // namespace batchd::provider::direct
