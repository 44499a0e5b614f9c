#include <cstdio>
#include <exception>

#include "daemon/check/check_command.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/console/output.hpp"
#include "daemon/run/run_command.hpp"
#include "daemon/web/web_command.hpp"

namespace {

/// One command, one file: this is the only place that knows all of them.
batchd::ExitCode dispatch(const batchd::CommandLine& line) {
    if (const auto* run = std::get_if<batchd::RunCommand>(&line.command)) return batchd::run(*run, line);
    if (const auto* check = std::get_if<batchd::CheckCommand>(&line.command))
        return batchd::check(*check, line);
    if (const auto* status = std::get_if<batchd::StatusCommand>(&line.command))
        return batchd::status(*status, line);
    if (const auto* ask = std::get_if<batchd::AskCommand>(&line.command)) return batchd::ask(*ask, line);
    if (const auto* submit = std::get_if<batchd::SubmitCommand>(&line.command))
        return batchd::submit(*submit, line);
    if (const auto* wait = std::get_if<batchd::WaitCommand>(&line.command))
        return batchd::wait_for(*wait, line);
    if (const auto* events = std::get_if<batchd::EventsCommand>(&line.command))
        return batchd::events(*events, line);
    if (const auto* page = std::get_if<batchd::WebCommand>(&line.command))
        return batchd::serve_web(*page, line);
    if (const auto* queues = std::get_if<batchd::QueuesCommand>(&line.command))
        return batchd::queues(*queues, line);
    if (const auto* cost = std::get_if<batchd::CostCommand>(&line.command)) return batchd::cost(*cost, line);
    if (const auto* test = std::get_if<batchd::NotifyTestCommand>(&line.command))
        return batchd::notify_test(*test, line);
    if (const auto* hooks = std::get_if<batchd::HooksCommand>(&line.command))
        return batchd::run_hooks(*hooks, line);
    if (std::holds_alternative<batchd::RecoverCommand>(line.command)) return batchd::recover(line);
    return batchd::print_configuration(std::get<batchd::ConfigCommand>(line.command), line);
}

/// Whoever goes on by the exit code must not take a part of the output for all of it.
batchd::ExitCode end(batchd::ExitCode code) {
    if (batchd::finish_output() || code != batchd::kExitFine) return code;
    return batchd::kExitFailed;
}

batchd::ExitCode perform(const batchd::CommandLine& line) {
    const batchd::ExitCode code = dispatch(line);
    if (!std::holds_alternative<batchd::SubmitCommand>(line.command)) return end(code);
    // The files are on their way: who took this for a failure would submit, and pay, twice.
    batchd::finish_output();
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        const auto parsed = batchd::parse_command_line(argc, argv);
        if (const auto* code = std::get_if<batchd::ExitCode>(&parsed)) return end(*code);
        return perform(std::get<batchd::CommandLine>(parsed));
    } catch (const std::exception& error) {
        // What is expected to fail comes back as a result, so an exception here is a bug or a lack of memory:
        // the process ends, and the next start goes on from the database as after a crash.
        std::fprintf(stderr, "batchd: %s\n", error.what());
        return batchd::kExitFailed;
    }
}
