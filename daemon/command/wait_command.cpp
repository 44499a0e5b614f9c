#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "daemon/command/commands.hpp"
#include "daemon/configuration/load_configuration.hpp"
#include "daemon/console/complain.hpp"
#include "daemon/state/job_json.hpp"
#include "daemon/state/job_wait.hpp"
#include "daemon/state/open_state.hpp"
#include "engine/command/command_rules.hpp"
#include "report/find_job.hpp"

namespace batchd {
namespace {

/// All of them are looked up before any is waited for: a name that is wrong is said at once.
Result<std::vector<store::JobId>> find_all(const config::Settings& settings,
                                           const std::vector<std::string>& words) {
    auto store = open_state(spool::Layout{settings.state.directory}, store::OpenMode::read_only);
    if (!store) return store.error();
    std::vector<store::JobId> ids;
    for (const std::string& word : words) {
        const auto job = report::find_newest_job(**store, settings, word);
        if (!job) return job.error();
        ids.push_back(job->id);
    }
    return ids;
}

/// On standard error, for the form that programs read has it: whoever waited in vain wants to know for what.
void tell_of_open(const std::vector<store::Job>& jobs) {
    for (const store::Job& job : jobs)
        if (!store::is_final(job.state))
            std::fprintf(stderr, "batchd: the time is up; %s is %s still\n", engine::title(job).c_str(),
                         std::string(to_string(job.state)).c_str());
}

}  // namespace

ExitCode wait_for(const WaitCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    const auto ids = find_all(loaded->settings, command.jobs);
    if (!ids) return fail(ids.error());
    const auto tell = [&](const store::Job& job) {
        if (command.form == Form::json) return;
        std::printf("%s\n", end_line(job).c_str());
        std::fflush(stdout);
    };
    StateWatch watch(spool::Layout{loaded->settings.state.directory});
    const auto jobs = wait_for_end(watch, *ids, command.timeout, tell);
    if (!jobs) return fail(jobs.error());
    if (command.form == Form::json) {
        boost::json::array all;
        for (const store::Job& job : *jobs) all.push_back(ended_job_json(job));
        std::printf("%s\n", boost::json::serialize(boost::json::object{{"jobs", all}}).c_str());
    }
    tell_of_open(*jobs);
    return verdict_on(*jobs);
}

}  // namespace batchd
