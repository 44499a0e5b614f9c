#include <cstdio>

#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/console/output.hpp"
#include "daemon/console/pause.hpp"
#include "daemon/state/job_wait.hpp"
#include "daemon/state/open_state.hpp"
#include "report/event_json.hpp"
#include "report/find_job.hpp"
#include "store/query/event_log.hpp"

namespace batchd {
namespace {

using namespace std::chrono_literals;
using store::LoggedEvent;

constexpr std::size_t kPage = 1000;
/// What is shown of the past to somebody who wants to follow.
constexpr std::size_t kShownFirst = 10;
constexpr Millis kFollowInterval = 300ms;

/// The line that the log has of it.
std::string event_line(const LoggedEvent& event) {
    std::string line = to_utc_text(event.at) + "  " + printable(event.kind);
    if (!event.job.empty()) line += " job=" + printable(event.job);
    if (!event.batch_id.empty()) line += " batch=" + printable(event.batch_id);
    return event.detail.empty() ? line : line + ": " + printable(event.detail);
}

/// Shows events as they come, from one look to the next.
class EventReader {
public:
    EventReader(const EventsCommand& command, std::optional<store::JobId> job)
        : command_(command), job_(job) {}

    /// Finds the event to begin with.
    Result<void> begin(store::Store& store) {
        if (!command_.follow || command_.since != TimePoint{}) return {};
        const auto before = store::before_last_events(store.database, job_, kShownFirst);
        if (!before) return before.error();
        after_ = *before;
        return {};
    }

    /// Prints what is new. Errors: SQLite's.
    Result<void> show(store::Store& store) {
        const auto newest = store::newest_event(store.database);
        if (!newest) return newest.error();
        if (*newest < after_) after_ = 0;  // the database was built again, and counts from 1
        for (;;) {
            const auto events = store::events_after(store.database, after_, job_, command_.since, kPage);
            if (!events) return events.error();
            for (const LoggedEvent& event : *events) {
                std::puts(command_.form == Form::json
                              ? boost::json::serialize(report::event_json(event)).c_str()
                              : event_line(event).c_str());
                after_ = event.id;
            }
            if (!flush_output()) return {};  // nobody reads on; the end of main() says so
            if (events->size() < kPage) return {};
        }
    }

private:
    const EventsCommand& command_;
    std::optional<store::JobId> job_;
    std::int64_t after_ = 0;
};

Result<void> show_events(const EventsCommand& command, const config::Settings& settings) {
    const spool::Layout layout{settings.state.directory};
    auto store = open_state(layout, store::OpenMode::read_only);
    if (!store) return store.error();
    std::optional<store::JobId> job;
    if (!command.job.empty()) {
        const auto found = report::find_newest_job(**store, settings, command.job);
        if (!found) return found.error();
        job = found->id;
    }
    EventReader reader(command, job);
    if (auto began = reader.begin(**store); !began) return began;
    store->reset();
    StateWatch watch(layout);
    for (;;) {
        auto shown = watch.look([&](store::Store& now) { return reader.show(now); });
        if (!shown || !command.follow || !flush_output()) return shown;
        pause(kFollowInterval);
    }
}

}  // namespace

ExitCode events(const EventsCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto shown = show_events(command, loaded->settings);
    return shown ? kExitFine : fail(shown.error());
}

}  // namespace batchd
