#include <cstdio>

#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/state/open_state.hpp"
#include "report/spending.hpp"

namespace batchd {
namespace {

Result<report::Spending> read(const CostCommand& command, const spool::Layout& layout) {
    auto store = open_state(layout, store::OpenMode::read_only);
    if (!store) return store.error();
    return report::read_spending(**store, command.by, command.since);
}

}  // namespace

ExitCode cost(const CostCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto spending = read(command, spool::Layout{loaded->settings.state.directory});
    if (!spending) return fail(spending.error());
    if (command.form == Form::json) {
        std::printf("%s\n", report::spending_json(*spending).c_str());
        return kExitFine;
    }
    for (const std::string& text : report::spending_text(*spending, 0)) std::printf("%s\n", text.c_str());
    return kExitFine;
}

}  // namespace batchd
