#include <cstdio>

#include "base/log.hpp"
#include "base/units.hpp"
#include "commands.hpp"
#include "engine/plan.hpp"

namespace batchd {
namespace {

void print_plan(const engine::Plan& plan) {
    std::uint64_t tokens = 0;
    for (const engine::Shard& shard : plan.shards) tokens += shard.estimated_tokens;
    std::printf("  %s requests, %s bytes, about %s tokens, %zu %s\n",
                with_commas(plan.totals.requests).c_str(), with_commas(plan.totals.size_bytes).c_str(),
                with_commas(tokens).c_str(), plan.shards.size(),
                plan.shards.size() == 1 ? "batch" : "batches");
    if (plan.shards.empty()) return;
    std::printf("  %5s  %10s  %13s  %13s  %s\n", "shard", "requests", "bytes", "tokens (est.)",
                "endpoint, model");
    for (const engine::Shard& shard : plan.shards)
        std::printf("  %5s  %10s  %13s  %13s  %s, %s\n", std::to_string(shard.number).c_str(),
                    with_commas(shard.requests).c_str(), with_commas(shard.size_bytes).c_str(),
                    with_commas(shard.estimated_tokens).c_str(), printable(shard.endpoint).c_str(),
                    printable(shard.model).c_str());
}

void print_problems(const engine::Plan& plan) {
    for (const std::string& problem : plan.problems) std::printf("  %s\n", problem.c_str());
    if (plan.totals.bad_lines > plan.problems.size())
        std::printf("  and %s more bad lines\n",
                    with_commas(plan.totals.bad_lines - plan.problems.size()).c_str());
}

/// True when the file can be submitted.
bool check_file(const Path& file, const config::Settings& settings) {
    const std::string name = printable(file.string());
    const auto plan = engine::plan_offline(file, settings);
    if (!plan) {
        std::printf("%s: %s\n", name.c_str(), to_string(plan.error()).c_str());
        return false;
    }
    const bool rejected = engine::is_rejected(*plan, settings.spool.on_invalid_line);
    if (plan->totals.bad_lines > 0)
        std::printf("%s: %s bad %s%s\n", name.c_str(), with_commas(plan->totals.bad_lines).c_str(),
                    plan->totals.bad_lines == 1 ? "line" : "lines",
                    rejected ? "" : ", which will be set aside");
    else
        std::printf("%s: %s\n", name.c_str(), rejected ? engine::rejection_summary(*plan).c_str() : "fine");
    print_problems(*plan);
    print_plan(*plan);
    return plan->totals.bad_lines == 0 && !rejected;
}

}  // namespace

ExitCode check(const CheckCommand& command, const CommandLine& line) {
    const auto loaded = load_configuration(line.config_file);
    if (!loaded) return kExitWrongConfiguration;
    bool all_fine = true;
    for (const Path& file : command.files) all_fine = check_file(file, loaded->settings) && all_fine;
    return all_fine ? kExitFine : kExitFailed;
}

}  // namespace batchd
