#pragma once

#include <optional>

#include <CLI/CLI.hpp>

#include "daemon/line/command_line.hpp"

namespace batchd {

/// The commands `submit`, `wait`, `events`, `queues`, `cost`, `notify` and `hooks`, as a part of the command
/// line. Must outlive the parsing.
class JobCommandLine {
public:
    explicit JobCommandLine(CLI::App& app);
    JobCommandLine(const JobCommandLine&) = delete;
    JobCommandLine& operator=(const JobCommandLine&) = delete;

    /// Which of them was given, after the parsing; nothing: another command was.
    std::optional<CommandLine::Command> given() const;

private:
    /// Each adds one command, whose values go into the member below as they are parsed.
    void add_submit(CLI::App& app);
    void add_wait(CLI::App& app);
    void add_events(CLI::App& app);
    void add_queues(CLI::App& app);
    void add_cost(CLI::App& app);
    /// Two of them have it, and in both it means the same.
    static void add_since(CLI::App& command, TimePoint& since);
    void add_notify(CLI::App& app);
    void add_hooks(CLI::App& app);

    SubmitCommand submit_;
    WaitCommand wait_;
    EventsCommand events_;
    QueuesCommand queues_;
    CostCommand cost_;
    NotifyTestCommand notify_test_;
    HooksCommand hooks_;
    /// One flag for all commands, for only one of them is given; it becomes a Form in the end.
    bool json_ = false;
    std::optional<CommandLine::Command> given_;
};

}  // namespace batchd
