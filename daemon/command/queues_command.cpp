#include <cstdio>

#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/console/terminal.hpp"
#include "daemon/state/open_state.hpp"
#include "report/queues/queue_report.hpp"

namespace batchd {

ExitCode queues(const QueuesCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    // Before the first run of a daemon there is no database, and the queues are there all the same.
    auto store = open_state(spool::Layout{loaded->settings.state.directory}, store::OpenMode::read_only);
    if (!store && store.error().code != Errc::not_found) return fail(store.error());
    const auto read = report::read_queues(store ? store->get() : nullptr, loaded->settings);
    if (!read) return fail(read.error());
    if (command.form == Form::json)
        std::printf("%s\n", report::queues_json(*read).c_str());
    else
        std::fputs(report::queues_text(*read, terminal::is_there() ? terminal::size().columns : 0).c_str(),
                   stdout);
    return kExitFine;
}

}  // namespace batchd
