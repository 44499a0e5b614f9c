#include <cstdio>
#include <memory>

#include "base/clock.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/console/output.hpp"
#include "daemon/console/terminal.hpp"
#include "daemon/state/open_state.hpp"
#include "report/status/status.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;

constexpr Millis kInterval = 1s;

/// Opened anew for each look: the daemon may be stopped meanwhile, and its database replaced by `batchd
/// recover`.
Result<report::Status> look(const config::Settings& settings, const std::string& job, TimePoint now) {
    auto store = open_state(spool::Layout{settings.state.directory}, store::OpenMode::read_only);
    if (!store) return store.error();
    auto status = report::read_status(**store, settings, job, now);
    if (!status) return status;
    // Whoever may look at the state need not be allowed to look at the answers; the rest is shown all the
    // same.
    static_cast<void>(report::read_errors(*status));
    return status;
}

/// What has to change before a watcher is shown the same jobs again: not the time alone.
std::string gist(const report::Status& status) {
    std::string text = report::status_summary(status);
    for (const store::Condition& condition : status.conditions) text += condition.about + condition.text;
    for (const report::Status::Provider& provider : status.providers) text += provider.activity;
    for (const store::JobOverview& job : status.jobs)
        text += " " + std::to_string(job.job.id.value) + std::string(to_string(job.job.state)) +
                std::to_string(job.done) + "/" + std::to_string(job.failed) + "/" +
                std::to_string(job.to_submit) + "/" + std::to_string(job.in_flight) + job.trouble;
    return text;
}

/// True when it could be written: whoever reads may have gone, or the disk be full. The end of main() says
/// so.
bool print(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) std::printf("%s\n", line.c_str());
    return flush_output().has_value();
}

std::vector<std::string> lines_of(const report::Status& status, StatusForm form, std::size_t width) {
    if (form == StatusForm::json) return {report::status_json(status)};
    return report::status_text(status, width).lines;
}

/// `status JOB --watch` is over when the job is.
bool is_over(const report::Status& status) {
    return status.details && !status.jobs.empty() && store::is_final(status.jobs.front().job.state);
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
            auto status = look(settings_, command_.job, clock_->now());
            if (!status) return end(status.error());
            if (!show(*status)) return kExitFine;
            const bool over = is_over(*status);
            last_ = std::move(*status);
            if (over || wait_for_change(kInterval, screen_.get()) == Waited::asked_to_end) return end();
        }
    }

private:
    bool show(const report::Status& status) {
        if (screen_) {
            const report::StatusText text = report::status_text(status, terminal::size().columns);
            screen_->show(text.lines, text.foot);
            return true;
        }
        std::string now = gist(status);
        if (now == shown_) return true;
        auto lines = lines_of(status, command_.form, 0);
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
    std::optional<report::Status> last_;
};

}  // namespace

ExitCode status(const StatusCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (command.time == StatusTime::watch) return Watch(command, loaded->settings).run();
    const auto seen = look(loaded->settings, command.job, make_system_clock()->now());
    if (!seen) return fail(seen.error());
    print(lines_of(*seen, command.form, terminal::is_there() ? terminal::size().columns : 0));
    return kExitFine;
}

}  // namespace batchd
