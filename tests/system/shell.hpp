#pragma once

#include <string>
#include <vector>

#include "system/workbench.hpp"

namespace batchd::testing {

/// Runs of a command beside the daemon, as a person at a shell.
class Shell {
public:
    explicit Shell(Workbench& bench) : bench_(bench) {}

    /// The exit code of `batchd --config FILE ARGUMENTS…`; what it printed is in output and errors.
    int run(std::vector<std::string> arguments);
    /// The same as a user who owns nothing, and is in no group but this one. Root's tests only.
    int run_as_nobody(std::vector<std::string> arguments, unsigned group = 65534);
    /// The command as it would be run, for who waits for it himself; what it prints is in output().
    DaemonCommand command(std::vector<std::string> arguments) const;

    bool says(const std::string& text) const { return output.find(text) != std::string::npos; }
    bool complains(const std::string& text) const { return errors.find(text) != std::string::npos; }

    std::string output, errors;

private:
    int run_program(Path program, std::vector<std::string> arguments);
    std::vector<std::string> with_configuration(std::vector<std::string> arguments) const;

    Workbench& bench_;
};

}  // namespace batchd::testing
