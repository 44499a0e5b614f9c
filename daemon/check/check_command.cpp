#include "daemon/check/check_command.hpp"

#include <cstdio>
#include <vector>

#include "config/effective.hpp"
#include "daemon/check/check_file.hpp"
#include "daemon/check/check_input.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "engine/bill/charges.hpp"

namespace batchd {
namespace {

report::CheckedFile check_named(const Path& path, const config::Settings& settings,
                                const engine::Terms& terms, const money::PriceBook& prices) {
    const bool is_standard_input = path == "-";
    const std::string name = is_standard_input ? "standard input" : path.string();
    const auto input = is_standard_input ? open_standard_input() : open_check_input(path);
    auto plan =
        input ? engine::plan_opened(input->file.get(), name, terms, engine::endpoints_of(settings, terms))
              : Result<engine::Plan>(input.error());
    // A stream has no name that it could have in the inbox.
    const bool is_stream = is_standard_input || (input && input->is_stream);
    return check_file(name, is_stream ? Path() : path, std::move(plan), settings, prices);
}

}  // namespace

ExitCode check(const CheckCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    if (!config::has_queue(loaded->settings, command.queue))
        return fail(error(Errc::not_found, "there is no queue " + command.queue));
    const engine::Terms terms = engine::terms_of(loaded->settings, command.queue);
    money::Prices prices;
    const auto look = prices.look(engine::price_sources(loaded->settings));
    for (const std::string& complaint : look.complaints)
        std::fprintf(stderr, "batchd: %s\n", complaint.c_str());
    bool all_fine = true;
    std::vector<report::CheckedFile> files;
    for (const Path& path : command.files) {
        // Text is shown as each file is done, for a large one takes a while; JSON is one object, and so
        // comes at the end.
        files.push_back(check_named(path, loaded->settings, terms, *look.book));
        all_fine = files.back().is_fine() && all_fine;
        if (command.form == CheckForm::text) std::fputs(report::check_text(files.back()).c_str(), stdout);
    }
    if (command.form == CheckForm::json) std::printf("%s\n", report::check_json(files).c_str());
    return all_fine ? kExitFine : kExitFailed;
}

}  // namespace batchd
