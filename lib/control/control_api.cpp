#include "control/control_api.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include "base/async/run_blocking.hpp"
#include "base/log.hpp"
#include "control/json_answer.hpp"
#include "control/peer/spoken_for.hpp"
#include "server/error_answer.hpp"

namespace batchd::control {

namespace asio = boost::asio;
namespace json = boost::json;
using server::Answer;
using server::error_answer;

namespace {

// The largest body is the id of a batch.
constexpr std::size_t kBodyMax = 16 * 1024;
constexpr std::size_t kNamesMax = 256;

Answer answer_of(const store::Command& command) {
    if (!command.done_at)
        return json_answer(202, {{"ok", nullptr}, {"result", nullptr}, {"command", command.id}});
    const std::string sentence = printable(command.result);
    json::object body{{"ok", command.ok}, {"result", sentence}, {"command", command.id}};
    if (!command.ok) body["error"] = {{"code", "refused"}, {"message", sentence}};
    return json_answer(command.ok ? 200 : 409, body);
}

}  // namespace

asio::awaitable<void> ControlApi::handle(server::Exchange& exchange) {
    Answer answer = co_await answer_to(exchange);
    (void)co_await exchange.answer(std::move(answer));  // a client that is gone is no trouble of ours
}

asio::awaitable<Answer> ControlApi::answer_to(server::Exchange& exchange) {
    // Read whole before anything else, so that the connection is fit for the next call whatever comes of
    // this one.
    const auto body = co_await exchange.read_body(kBodyMax);
    if (!body && body.error().code == Errc::too_large)
        co_return error_answer(413, "too_large", to_string(body.error()));
    if (!body) co_return error_answer(400, "bad_request", to_string(body.error()));
    if (auto answer = co_await notices_.answer(exchange.head(), *body)) co_return std::move(*answer);
    const auto command = parse_job_command(exchange.head().path);
    auto wanted = parse_release(exchange.head().path, exchange.head().query);
    // Before the method: where there is nothing, no method would do.
    if (!command && !wanted) co_return error_answer(404, "not_found", "there is no " + exchange.head().path);
    if (exchange.head().method != "POST")
        co_return error_answer(405, "method_not_allowed", "commands are given with POST");
    // Who could not look whose socket this is says whom he means: another daemon has jobs with the same
    // numbers.
    const std::string_view meant = exchange.head().header("batchd-state");
    if (!meant.empty() && meant != state_.string())
        co_return error_answer(409, "another_daemon",
                               "the daemon behind this socket works on " + state_.string() + ", and not on " +
                                   printable(std::string(meant)));
    const std::string by = co_await name_of(exchange.peer());
    if (wanted) co_return co_await release(std::move(*wanted), by);
    std::string argument;
    if (command->verb == store::Verb::adopt) {
        const auto id = parse_batch_id(*body);
        if (!id)
            co_return error_answer(400, "bad_request",
                                   "the body must be {\"batch_id\": \"…\"}: the provider's id of the batch");
        argument = *id;
    }
    std::string user = user_of(exchange.head().query, exchange.peer(), by);
    co_return co_await ask(*command, std::move(argument), std::move(user));
}

asio::awaitable<Answer> ControlApi::ask(JobCommand command, std::string argument, std::string user) {
    const auto job = store_.jobs.find(command.job);
    if (!job) co_return unavailable(job.error());
    // Said at once: a command for a job that there is not would stand in the database for nothing.
    if (!*job)
        co_return error_answer(404, "not_found", "there is no job " + std::to_string(command.job.value));
    // A row like any other command's: it survives a crash between the question and the answer, and there is
    // one way only in which commands are obeyed.
    auto id = store_.commands.add(command.verb, command.job, clock_.now(), argument, user);
    co_return co_await answer_when_done(std::move(id));
}

asio::awaitable<Answer> ControlApi::release(store::Release what, std::string user) {
    auto id = store_.commands.add_release(what, clock_.now(), user);
    co_return co_await answer_when_done(std::move(id));
}

asio::awaitable<Answer> ControlApi::answer_when_done(Result<std::int64_t> id) {
    if (!id) co_return unavailable(id.error());
    // The commander sleeps until somebody asks for something.
    wakes_.commander.raise();
    const auto outcome = co_await outcome_of(*id);
    if (!outcome) co_return unavailable(outcome.error());
    co_return answer_of(*outcome);
}

asio::awaitable<Result<store::Command>> ControlApi::outcome_of(std::int64_t id) {
    Wake wake(co_await asio::this_coro::executor);
    // In the line before the first look, so that an outcome in between is not missed.
    const WakeLine::Place place(wakes_.command_done, wake);
    // After it the command still stands, and is obeyed; only the answer says that it is not known yet.
    const Millis end = clock_.uptime() + kPatience;
    for (;;) {
        auto command = store_.commands.find(id);
        if (!command) co_return command.error();
        if (!*command) co_return error(Errc::not_found, "the command was removed");
        const Millis left = end - clock_.uptime();
        if ((*command)->done_at || left <= Millis{0}) co_return std::move(**command);
        co_await wake.wait_for(clock_, left);
    }
}

asio::awaitable<std::string> ControlApi::name_of(const server::Peer& peer) {
    if (!peer.uid) co_return std::string();
    const uid_t uid = *peer.uid;
    if (const auto known = names_.find(uid); known != names_.end()) co_return known->second;
    std::string name = co_await run_blocking(pool_, [uid] { return server::user_name(uid); });
    // Emptied as a whole, for who asks a daemon for commands are a handful, and names may change.
    if (names_.size() >= kNamesMax) names_.clear();
    names_[uid] = name;
    co_return name;
}

}  // namespace batchd::control
