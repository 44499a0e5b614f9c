#include "system/shell.hpp"

namespace batchd::testing {

std::vector<std::string> Shell::with_configuration(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--config", bench_.configuration_file().string()});
    return arguments;
}

int Shell::run(std::vector<std::string> arguments) {
    return run_program(built_daemon(), with_configuration(std::move(arguments)));
}

int Shell::run_as_nobody(std::vector<std::string> arguments, unsigned group) {
    arguments = with_configuration(std::move(arguments));
    arguments.insert(arguments.begin(), {"--reuid=65534", "--regid=" + std::to_string(group),
                                         "--clear-groups", built_daemon().string()});
    return run_program("/usr/bin/setpriv", std::move(arguments));
}

DaemonCommand Shell::command(std::vector<std::string> arguments) const {
    return {.arguments = with_configuration(std::move(arguments)),
            .environment = {},
            .output = bench_.root() / "shell-stdout",
            .errors = bench_.root() / "shell-stderr"};
}

int Shell::run_program(Path program, std::vector<std::string> arguments) {
    DaemonCommand command = this->command({});
    command.program = std::move(program);
    command.arguments = std::move(arguments);
    std::filesystem::remove(command.output);
    std::filesystem::remove(command.errors);
    DaemonProcess process(command);
    const auto code = process.wait_for_exit(kDeadline);
    output = slurp(command.output);
    errors = slurp(command.errors);
    return code.value_or(-1);
}

}  // namespace batchd::testing
