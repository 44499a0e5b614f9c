#pragma once

#include <optional>

#include <CLI/CLI.hpp>

#include "command_line.hpp"

namespace batchd {

/// The commands `submit`, `wait`, `events` and `queues`, as a part of the command line. Must outlive the
/// parsing.
class JobCommandLine {
public:
    explicit JobCommandLine(CLI::App& app);
    JobCommandLine(const JobCommandLine&) = delete;
    JobCommandLine& operator=(const JobCommandLine&) = delete;

    /// Which of them was given, after the parsing; nothing: another command was.
    std::optional<CommandLine::Command> given() const;

private:
    void add_submit(CLI::App& app);
    void add_wait(CLI::App& app);
    void add_events(CLI::App& app);
    void add_queues(CLI::App& app);

    SubmitCommand submit_;
    WaitCommand wait_;
    EventsCommand events_;
    QueuesCommand queues_;
    bool json_ = false;
    std::optional<CommandLine::Command> given_;
};

}  // namespace batchd
