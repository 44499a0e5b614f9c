#include <algorithm>
#include <fstream>

#include "support/scripted_server.hpp"
#include "torture/kill_point.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

/// A receiver that takes everything, over as many connections as come.
testing::ScriptedServer receiver() {
    const testing::Script script = [](testing::Peer& peer) {
        while (!peer.read_request().empty()) peer.send(testing::answer(200, "ok"));
    };
    return testing::ScriptedServer(std::vector<testing::Script>(200, script));
}

void tell(testing::Workbench& bench, std::uint16_t port) {
    const Path file = bench.root() / "hook.url";
    std::ofstream(file) << "http://127.0.0.1:" << port << "/\n";
    bench.set("notify.hook.kind", "\"webhook\"");
    bench.set("notify.hook.url_file", "\"" + file.string() + "\"");
    bench.set("notify.hook.on", "[\"all\"]");
}

/// The ids that have come, each where it came first.
std::string ids_of(const std::vector<std::string>& requests) {
    std::vector<std::string> firsts;
    for (const std::string& request : requests) {
        const std::size_t at = request.find("webhook-id: ");
        if (at == std::string::npos) continue;
        std::string id = request.substr(at + 12, request.find('\r', at) - at - 12);
        if (std::find(firsts.begin(), firsts.end(), id) == firsts.end()) firsts.push_back(std::move(id));
    }
    std::string text;
    for (const std::string& id : firsts) text += id + ",";
    return text;
}

/// Each notice was told, in order and under its own id; how often does not matter.
Findings check_told(testing::Workbench& bench, const testing::ScriptedServer& server) {
    const std::string wanted = bench.database().value(
        "SELECT coalesce(group_concat(key, ','), '') || ',' FROM (SELECT key FROM notices ORDER BY id)");
    const std::string told = ids_of(server.requests());
    if (told == wanted) return {};
    return {{Finding::Kind::lost, "told were " + told + " and not " + wanted}};
}

Outcome kill_and_count(const Options& options, const Trial& trial) {
    const auto server = receiver();
    Scenario scenario(options.daemon, options.service);
    tell(scenario.bench(), server.port());
    Outcome outcome;
    KillPoint point(scenario.bench().root(), trial.number);
    outcome.findings = Scenario::check(run_traced(scenario.command(), lasting_effects(), point, kLifeMax));
    outcome.was_struck = !point.where().empty();
    outcome.what = "killed " + point.where();
    append(outcome.findings, scenario.finish());
    append(outcome.findings, check_told(scenario.bench(), server));
    outcome.log = scenario.bench().log();
    return outcome;
}

std::uint64_t count_told_moments(const Options& options) {
    const auto server = receiver();
    Scenario scenario(options.daemon, options.service);
    tell(scenario.bench(), server.port());
    KillPoint counter(scenario.bench().root(), KillPoint::kNever);
    run_traced(scenario.command(), lasting_effects(), counter, kLifeMax);
    return counter.count();
}

}  // namespace

bool torture_notices_by_kill(const Options& options) {
    const std::uint64_t moments = count_told_moments(options);
    const Tally tally = run_trials(campaign_of(options), trials_of(options, moments),
                                   [&](const Trial& trial) { return kill_and_count(options, trial); });
    print(options, tally, std::to_string(moments) + " moments");
    return tally.is_clean();
}

}  // namespace batchd::torture
