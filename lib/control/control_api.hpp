#pragma once

#include <map>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/clock.hpp"
#include "control/job_command.hpp"
#include "control/notices_api.hpp"
#include "engine/wakes.hpp"
#include "server/handler.hpp"
#include "store/store.hpp"

namespace batchd::control {

/// The routes of the control socket (and POST /v1/queues/NAME/release, which is answered likewise): what the
/// kernel says who asks becomes a row in `commands`, and is answered with what came of it.
///
///   POST /v1/jobs/ID/cancel, …/retry, …/abandon, …/resend, …/adopt with {"batch_id": "…"}
///   200 {"ok": true, "result": "a sentence", "command": 17}
///       done as asked
///   409 likewise with false, and "error"
///       it could not be done, and the sentence says why
///   202 {"ok": null, "result": null, "command": 17}
///       not done within kPatience; it will be
///   409 {"error": {"code": "another_daemon", "message"}}
///       the header Batchd-State names the state.directory of another daemon than this one
///   4xx, 503 {"error": {"code", "message"}}
///       not understood, or the database does not take it
///
/// Beside them are those of NoticesApi.
class ControlApi final : public server::Handler {
public:
    static constexpr Millis kPatience = std::chrono::seconds(30);

    /// All of them outlive it. `state`: the daemon's state.directory.
    ControlApi(store::Store& store, engine::Wakes& wakes, Clock& clock, boost::asio::thread_pool& pool,
               engine::Journal& journal, engine::Notifier& notifier, Path state)
        : store_(store),
          wakes_(wakes),
          clock_(clock),
          pool_(pool),
          notices_(store, journal, notifier, clock),
          state_(std::move(state)) {}

    boost::asio::awaitable<void> handle(server::Exchange& exchange) override;

private:
    boost::asio::awaitable<server::Answer> answer_to(server::Exchange& exchange);
    boost::asio::awaitable<server::Answer> ask(JobCommand command, std::string argument, std::string user);
    /// Not about a job, so it has a row of another form; the answer is the same.
    boost::asio::awaitable<server::Answer> release(store::Release what, std::string user);
    /// Waits for the row's outcome, kPatience at most; the command stays on record whatever comes first.
    boost::asio::awaitable<server::Answer> answer_when_done(Result<std::int64_t> id);
    boost::asio::awaitable<Result<store::Command>> outcome_of(std::int64_t id);
    /// Of the user who opened the connection, as the kernel has it; it is looked up in the pool.
    boost::asio::awaitable<std::string> name_of(const server::Peer& peer);

    store::Store& store_;
    engine::Wakes& wakes_;
    Clock& clock_;
    boost::asio::thread_pool& pool_;
    NoticesApi notices_;
    const Path state_;
    std::map<uid_t, std::string> names_;  // a name service may be slow; emptied when it grows
};

}  // namespace batchd::control
