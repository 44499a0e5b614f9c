#include <cstdio>
#include <thread>

#include "base/clock.hpp"
#include "commands.hpp"
#include "engine/command/command_rules.hpp"
#include "open_state.hpp"
#include "report/find_job.hpp"
#include "spool/state_lock.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;
using store::Verb;

// The daemon acts within a second, unless its disk is very slow.
constexpr Millis kPatience = 5s;
constexpr Millis kLookAgain = 20ms;

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

Result<store::Job> find_for(store::Store& store, const AskCommand& command) {
    // Of several jobs with the name, people mean the one with which it can be done: the running one for a
    // cancel.
    return report::find_job(store, command.job, [&](const store::Job& job) {
        const auto reason = why_not(store, command.verb, job);
        return reason && !*reason;
    });
}

/// What the daemon answered; nothing when it has not within kPatience.
Result<std::optional<store::Command>> wait_for_answer(store::Store& store, std::int64_t id) {
    for (Millis waited{0}; waited < kPatience; waited += kLookAgain) {
        auto command = store.commands.find(id);
        if (!command) return command.error();
        // A row that is gone was done and cleaned away with its job.
        if (!*command || (*command)->done_at) return command;
        std::this_thread::sleep_for(kLookAgain);
    }
    return std::optional<store::Command>();
}

Result<ExitCode> ask_daemon(store::Store& store, const AskCommand& command, const Path& lock) {
    const auto job = find_for(store, command);
    if (!job) return job.error();
    const auto reason = why_not(store, command.verb, *job);
    if (!reason) return reason.error();
    // The daemon would refuse it by the same rules; asked here, nobody waits for that, and it is refused
    // while no daemon runs, too.
    if (*reason) {
        std::fprintf(stderr, "batchd: %s\n", (*reason)->c_str());
        return kExitFailed;
    }
    const auto cost = cost_of(store, command.verb, *job);
    if (!cost) return cost.error();
    // The request is a row, not a message: it outlives a daemon that is stopped, and is answered once.
    const auto id = store.commands.add(command.verb, job->id, make_system_clock()->now(), command.argument);
    if (!id) return id.error();
    const std::string what = std::string(to_string(command.verb)) + " of " + engine::title(*job) +
                             (cost->empty() ? "" : ": " + *cost);
    if (!spool::StateLock::holder(lock)) {
        std::printf("%s; the daemon does not run, and will do it when it starts\n", what.c_str());
        return kExitFine;
    }
    const auto answer = wait_for_answer(store, *id);
    if (!answer) return answer.error();
    if (!*answer) {
        std::printf("%s; the daemon has not answered yet, and will do it as soon as it can\n", what.c_str());
        return kExitFine;
    }
    std::fprintf((*answer)->ok ? stdout : stderr, "%s%s\n",
                 (*answer)->ok ? "" : "batchd: ", (*answer)->result.c_str());
    return (*answer)->ok ? kExitFine : kExitFailed;
}

}  // namespace

ExitCode ask(const AskCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const spool::Layout layout{loaded->settings.state.directory};
    auto store = open_state(layout, store::OpenMode::guest);
    auto code = store ? ask_daemon(**store, command, layout.lock()) : Result<ExitCode>(store.error());
    if (code) return *code;
    return fail(code.error());
}

}  // namespace batchd
