#include <cstdio>
#include <optional>

#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "config/effective.hpp"
#include "control/client.hpp"
#include "control/job_command.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/console/pause.hpp"
#include "daemon/state/open_state.hpp"
#include "engine/command/command_rules.hpp"
#include "report/find_job.hpp"
#include "server/socket/peer.hpp"
#include "spool/state/state_lock.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;
using control::Reply;
using store::Verb;

// The daemon acts within a second, unless its disk is very slow.
constexpr Millis kPatience = 5s;
constexpr Millis kLookAgain = 20ms;
/// The daemon answers after its own patience at the latest, and tells what it knows by then.
constexpr Millis kAnswerPatience = 40s;

Result<std::optional<std::string>> why_not(store::Store& store, Verb verb, const store::Job& job) {
    if (verb == Verb::cancel) return engine::why_not_cancel(job);
    if (verb == Verb::retry) {
        const auto earlier = store.jobs.last_retry_of(job.id);
        if (!earlier) return earlier.error();
        return engine::why_not_retry(job, *earlier);
    }
    const auto batches = store.batches.of_job(job.id);
    if (!batches) return batches.error();
    return engine::why_not(verb, job, *batches);
}

/// What is lost or paid by it, where that is not plain.
Result<std::string> cost_of(store::Store& store, Verb verb, const store::Job& job) {
    if (verb == Verb::cancel || verb == Verb::retry) return std::string();
    const auto batches = store.batches.of_job(job.id);
    if (!batches) return batches.error();
    return engine::cost_of(verb, *batches);
}

Result<store::Job> find_for(store::Store& store, const config::Settings& settings,
                            const AskCommand& command) {
    // Of several jobs with the name, people mean the one with which it can be done: the running one for a
    // cancel.
    return report::find_job(store, settings, command.job, [&](const store::Job& job) {
        const auto reason = why_not(store, command.verb, job);
        return reason && !*reason;
    });
}

/// What becomes of a command: it comes to the daemon by one way or the other, and this is what is told.
struct Told {
    Reply reply;
    bool daemon_runs = true;
};

/// Something that can be asked for, and what it is.
struct Wish {
    store::Job job;
    std::string what;  ///< "abandon of job 12 (articles): 3 requests end as batch_gone"
};

/// What is asked for; nothing where it would change nothing, which is said then.
Result<std::optional<Wish>> make_wish(store::Store& store, const config::Settings& settings,
                                      const AskCommand& command) {
    if (command.verb == Verb::release) return std::optional(Wish{{}, "release of " + command.argument});
    auto job = find_for(store, settings, command);
    if (!job) return job.error();
    const auto reason = why_not(store, command.verb, *job);
    if (!reason) return reason.error();
    if (*reason) {
        std::fprintf(stderr, "batchd: %s\n", (*reason)->c_str());
        return std::optional<Wish>();
    }
    const auto cost = cost_of(store, command.verb, *job);
    if (!cost) return cost.error();
    std::string what = std::string(to_string(command.verb)) + " of " + engine::title(*job) +
                       (cost->empty() ? "" : ": " + *cost);
    return std::optional(Wish{std::move(*job), std::move(what)});
}

/// To a daemon by its socket.
struct Line {
    UniqueFd connection;
    std::string state;  ///< see JsonCall; "": whose socket it is was looked at
};

/// The way of whoever may use the control socket.
Result<Told> ask_socket(Line line, const AskCommand& command, store::JobId job) {
    control::JsonCall asked{.path = command.verb == Verb::release
                                        ? control::release_path({command.argument, command.over_budget})
                                        : control::job_command_path({command.verb, job}),
                            .state = line.state};
    if (command.verb == Verb::adopt)
        asked.body = boost::json::serialize(boost::json::object{{"batch_id", command.argument}});
    auto reply = control::post(std::move(line.connection), std::move(asked), kAnswerPatience);
    if (!reply) return reply.error();
    return Told{std::move(*reply), true};
}

/// What is asked for where the state can't be read, because of `why`: the daemon knows a queue, and a job by
/// its number, without us.
Result<Wish> make_blind_wish(const AskCommand& command, const Error& why) {
    if (command.verb == Verb::release) return Wish{{}, "release of " + command.argument};
    const auto number = report::job_number(command.job);
    if (!number) return within("say which job by its number, for which the state need not be read", why);
    Wish wish{.job = {}, .what = std::string(to_string(command.verb)) + " of job " + command.job};
    wish.job.id = *number;
    return wish;
}

/// What the daemon answered; nothing when it has not within kPatience.
Result<std::optional<store::Command>> wait_for_answer(store::Store& store, std::int64_t id) {
    for (Millis waited{0}; waited < kPatience; waited += kLookAgain) {
        auto command = store.commands.find(id);
        if (!command) return command.error();
        // A row that is gone was done and cleaned away with its job.
        if (!*command || (*command)->done_at) return command;
        pause(kLookAgain);
    }
    return std::optional<store::Command>();
}

/// The way of whoever may write into the database: a row in `commands`.
Result<Told> ask_table(store::Store& store, const AskCommand& command, const store::Job& job,
                       bool daemon_runs) {
    const std::string user = server::user_name(::getuid());
    const TimePoint now = make_system_clock()->now();
    const auto id = command.verb == Verb::release
                        ? store.commands.add_release({command.argument, command.over_budget}, now, user)
                        : store.commands.add(command.verb, job.id, now, command.argument, user);
    if (!id) return id.error();
    if (!daemon_runs) return Told{{}, false};
    const auto answer = wait_for_answer(store, *id);
    if (!answer) return answer.error();
    if (!*answer) return Told{};
    return Told{{.ok = (*answer)->ok, .sentence = (*answer)->result}, true};
}

ExitCode tell(const Wish& wish, const Told& told) {
    if (!told.reply.ok) {
        std::printf("%s; the daemon %s\n", wish.what.c_str(),
                    told.daemon_runs ? "has not answered yet, and will do it as soon as it can"
                                     : "does not run, and will do it when it starts");
        return kExitFine;
    }
    const bool ok = *told.reply.ok;
    std::fprintf(ok ? stdout : stderr, "%s%s\n",
                 ok ? "" : "batchd: ", printable(told.reply.sentence).c_str());
    return ok ? kExitFine : kExitFailed;
}

/// Who may neither use the socket nor write into the database is told about both.
Error explained(Error failure, const std::optional<Error>& socket,
                const Result<std::optional<long>>& daemon) {
    if (failure.code != boost::system::errc::permission_denied) return failure;
    if (socket) failure.context += "; nor is there a way by the control socket: " + to_string(*socket);
    // Who can't look at its lock does not know whether it runs.
    if (daemon && !*daemon)
        failure.context += "; the daemon does not run, and takes commands of its group while it does";
    return failure;
}

/// `daemon`: the pid of who has the state's lock. Who may not look at that does not know it.
Result<Line> connect_to(const Result<std::optional<long>>& daemon, const config::Settings& settings) {
    const auto pid = daemon ? std::optional(static_cast<pid_t>(**daemon)) : std::nullopt;
    auto connection = control::connect(settings.control.socket, pid);
    if (!connection) return connection.error();
    return Line{std::move(*connection), daemon ? "" : settings.state.directory.string()};
}

/// The state is read where it can be: for a job's name, and for what can be said before anything is done.
Result<ExitCode> ask_by_socket(Line line, const AskCommand& command, const config::Settings& settings) {
    std::optional<Wish> wish;
    const auto store = open_state(spool::Layout{settings.state.directory}, store::OpenMode::read_only);
    if (store) {
        auto made = make_wish(**store, settings, command);
        if (!made) return made.error();
        if (!*made) return kExitFailed;
        wish = std::move(*made);
    } else {
        auto blind = make_blind_wish(command, store.error());
        if (!blind) return blind.error();
        wish = std::move(*blind);
    }
    const auto told = ask_socket(std::move(line), command, wish->job.id);
    if (!told) return told.error();
    return tell(*wish, *told);
}

Result<ExitCode> ask_daemon(const AskCommand& command, const config::Settings& settings) {
    if (command.verb == Verb::release && !config::has_queue(settings, command.argument))
        return error(Errc::not_found, "there is no queue " + command.argument);
    const spool::Layout layout{settings.state.directory};
    const auto daemon = spool::StateLock::look(layout.lock());
    std::optional<Error> no_socket;
    // Where it can't be told whether one runs, the socket tells.
    if (!daemon || *daemon) {
        auto socket = connect_to(daemon, settings);
        if (socket) return ask_by_socket(std::move(*socket), command, settings);
        no_socket = socket.error();
    }
    auto store = open_state(layout, store::OpenMode::guest);
    if (!store) return explained(store.error(), no_socket, daemon);
    const auto wish = make_wish(**store, settings, command);
    if (!wish) return wish.error();
    if (!*wish) return kExitFailed;
    const auto told = ask_table(**store, command, (*wish)->job, daemon && *daemon);
    if (!told) return told.error();
    return tell(**wish, *told);
}

}  // namespace

ExitCode ask(const AskCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto code = ask_daemon(command, loaded->settings);
    return code ? *code : fail(code.error());
}

}  // namespace batchd
