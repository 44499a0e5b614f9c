#include <cstdio>
#include <memory>

#include "base/clock.hpp"
#include "commands.hpp"
#include "status_report.hpp"
#include "terminal.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;

constexpr Millis kInterval = 1s;

/// What has to change before a watcher is shown the same jobs again: not the time alone.
std::string gist(const StatusReport& report) {
    std::string text = status_summary(report);
    for (const store::Condition& condition : report.conditions) text += condition.about + condition.text;
    for (const store::JobOverview& job : report.jobs)
        text += " " + std::to_string(job.job.id.value) + std::string(to_string(job.job.state)) +
                std::to_string(job.done) + "/" + std::to_string(job.failed) + "/" +
                std::to_string(job.to_submit) + "/" + std::to_string(job.in_flight) + job.trouble;
    return text;
}

/// True when it could be written: whoever reads may have gone.
bool print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
    return std::fflush(stdout) == 0;
}

std::vector<std::string> lines_of(const StatusReport& report, StatusForm form, std::size_t width) {
    if (form == StatusForm::json) return {status_json(report)};
    return status_text(report, width).lines;
}

/// `status JOB --watch` is over when the job is.
bool is_over(const StatusReport& report) {
    return report.details && !report.jobs.empty() && store::is_final(report.jobs.front().job.state);
}

class Watch {
public:
    Watch(const StatusCommand& command, const config::Settings& settings)
        : command_(command), settings_(settings), clock_(make_system_clock()) {
        hold_signals();  // first: an end in between would leave the terminal as the screen has it
        // JSON is for programs, wherever it goes.
        if (terminal::is_there() && command.form == StatusForm::text) screen_ = std::make_unique<Screen>();
    }

    ExitCode run() {
        for (;;) {
            auto report = read_status(settings_, command_.job, clock_->now());
            if (!report) return end(report.error());
            if (!show(*report)) return kExitFine;
            const bool over = is_over(*report);
            last_ = std::move(*report);
            if (over || wait_for_change(kInterval, screen_.get()) == Waited::asked_to_end) return end();
        }
    }

private:
    bool show(const StatusReport& report) {
        if (screen_) {
            const StatusText text = status_text(report, terminal::size().columns);
            screen_->show(text.lines, text.foot);
            return true;
        }
        std::string now = gist(report);
        if (now == shown_) return true;
        auto lines = lines_of(report, command_.form, 0);
        if (!shown_.empty() && command_.form == StatusForm::text) lines.insert(lines.begin(), "");
        shown_ = std::move(now);
        return print(lines);
    }

    /// What was seen last stays on the terminal.
    ExitCode end() {
        if (!screen_) return kExitFine;
        screen_.reset();
        print(lines_of(*last_, command_.form, terminal::size().columns));
        return kExitFine;
    }
    ExitCode end(const Error& error) {
        screen_.reset();
        return fail(error);
    }

    const StatusCommand& command_;
    const config::Settings& settings_;
    std::unique_ptr<Clock> clock_;
    std::unique_ptr<Screen> screen_;
    std::string shown_;  // the gist of it
    std::optional<StatusReport> last_;
};

}  // namespace

ExitCode status(const StatusCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (command.time == StatusTime::watch) return Watch(command, loaded->settings).run();
    const auto report = read_status(loaded->settings, command.job, make_system_clock()->now());
    if (!report) return fail(report.error());
    print(lines_of(*report, command.form, terminal::is_there() ? terminal::size().columns : 0));
    return kExitFine;
}

}  // namespace batchd
