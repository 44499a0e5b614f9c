#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/async/wake_line.hpp"
#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "config/settings.hpp"
#include "provider/api_key.hpp"
#include "provider/calls/call_tally.hpp"
#include "provider/gate_state.hpp"
#include "provider/provider.hpp"

namespace batchd::provider {

/// The gate closed for some reason, or that reason is over. Told once a change, not once a call.
struct GateChange {
    enum class To { open, closed };
    To to = To::open;
    FailureKind kind =
        FailureKind::unavailable;  ///< rate_limited, unreachable, quota, unauthorized, unavailable, doubt
    std::string reason;            ///< for people, one line; what had been wrong when it opens
    TimePoint until{};             ///< closed: when the next call goes out, at the earliest
};

/// The one place that knows when the provider may be called again: each call waits until the gate lets it
/// through, then makes its way to `inner` and tells the gate how it went. No call is repeated here; its own
/// answer is what it returns, but that a refusal of access which is about the request alone is `refused`
/// (see judge()). See GateState for the rules. Without a key nothing is sent. I/O thread only; `inner`, `key`
/// and `clock` must outlive it, and it its calls.
class GatedProvider final : public Provider {
public:
    using Observer = std::function<void(const GateChange&)>;

    GatedProvider(Provider& inner, const ApiKey& key, boost::asio::any_io_executor executor, Clock& clock,
                  const config::Retry& backoff, Observer observer, Jitter jitter = random_jitter);

    /// Lets the calls go at once that a missing or refused key or a spent quota held up.
    void key_changed() override;
    void rows_unpaid(Failure refusal) override;
    /// What is closed now, one entry a reason, for calls or for the work of the provider itself; empty when
    /// all goes through.
    std::vector<GateChange> closed() const;

    Identity identity() const override { return inner_.identity(); }
    boost::asio::awaitable<void> run(std::function<void()> changed) override;
    boost::asio::awaitable<void> drain() override { return inner_.drain(); }
    std::uint64_t unsaved() const override { return inner_.unsaved(); }
    bool rows_are_final() const override { return inner_.rows_are_final(); }
    bool is_on_our_disk() const override { return inner_.is_on_our_disk(); }
    bool has_window() const override { return inner_.has_window(); }
    std::string activity() const override { return inner_.activity(); }
    std::string stall() const override { return inner_.stall(); }
    /// Of the calls that it lets through; where these stay on this machine, of what `inner` sends instead.
    CallTally* tally() override { return inner_.tally() != nullptr ? inner_.tally() : &tally_; }
    boost::asio::awaitable<Answer<void>> knock() override;
    boost::asio::awaitable<Turn> enter(CallKind kind) override;

    boost::asio::awaitable<Answer<FileObject>> upload(Turn turn, Path path, std::string filename) override;
    boost::asio::awaitable<Answer<FileObject>> retrieve_file(std::string file_id) override;
    boost::asio::awaitable<Answer<Page<FileObject>>> list_files(std::string after) override;
    boost::asio::awaitable<Answer<std::uint64_t>> download(std::string file_id, Path path) override;
    boost::asio::awaitable<Answer<bool>> delete_file(std::string file_id) override;
    boost::asio::awaitable<Answer<BatchObject>> create(Turn turn, NewBatch batch) override;
    boost::asio::awaitable<Answer<BatchObject>> retrieve(std::string batch_id) override;
    boost::asio::awaitable<Answer<Page<BatchObject>>> list_batches(std::string after) override;
    boost::asio::awaitable<Answer<BatchObject>> cancel(std::string batch_id) override;
    boost::asio::awaitable<Answer<BatchObject>> end_now(std::string batch_id) override;

private:
    /// What a call holds from its admission to its report. Without a report it is abandoned.
    class Ticket;

    /// Waits for hours where it must, and makes the probe that is due.
    boost::asio::awaitable<GateState::Pass> admitted(CallKind kind);
    /// Asks something neutral, and tells the gate what came of it.
    boost::asio::awaitable<void> probe(GateState::Pass pass);
    /// Tells the gate how the call went; answers what its answer means.
    template <class T>
    boost::asio::awaitable<Answer<T>> settled(Operation operation, Ticket& ticket, Answer<T> answer);
    /// Makes the call for which `turn` was given, and tells the gate how it went.
    template <class Ask>
    std::invoke_result_t<Ask&, Turn> within(Operation operation, Turn turn, Ask ask);
    template <class Ask>
    /// For the calls that have no turn: waits, makes the call, and tells the gate.
    std::invoke_result_t<Ask&> through(Operation operation, Ask ask);
    template <class T>
    /// In the tally. What never left this machine is no call.
    void count(Operation operation, Millis begun, const Answer<T>& answer);
    boost::asio::awaitable<Answer<void>> knock_now();
    /// To the observer, and to those who wait.
    void tell(const GateState::Changes& changes);
    /// What the work of the provider itself has come upon is told like what calls have.
    void look_at_work();
    /// With the wall clock's time in place of the uptime.
    GateChange to_change(GateChange::To to, const GateState::Closure& closure) const;

    Provider& inner_;
    const ApiKey& key_;
    boost::asio::any_io_executor executor_;
    Clock& clock_;
    Observer observer_;
    Jitter jitter_;
    GateState state_;
    WakeLine waiting_;
    CallTally tally_;
    std::optional<Closure> work_;  // what was told of it last
};

}  // namespace batchd::provider
