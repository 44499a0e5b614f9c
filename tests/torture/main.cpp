#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "torture/tortures.hpp"
#include "torture/traced_process.hpp"

namespace {

using namespace batchd::torture;

constexpr int kWrongUsage = 2;
constexpr int kSkipped = 77;

const std::map<std::string, std::function<bool(const Options&)>>& kinds() {
    static const std::map<std::string, std::function<bool(const Options&)>> all{
        {"kill", torture_by_kill},
        {"error", torture_by_error},
        {"power", torture_by_power_cut},
        {"restore", torture_by_restore},
        {"notices", torture_notices_by_kill},
        {"hooks", torture_hooks_by_kill},
        {"random", torture_by_random_history},
        {"soak", soak}};
    return all;
}

/// Where syncing costs nothing: what is tested is what the calls are, not that the disk obeys.
void work_in_memory() {
    if (access("/dev/shm", W_OK) == 0) setenv("TMPDIR", "/dev/shm", 0);
}

int run(const Options& options) {
    const auto kind = kinds().find(options.kind);
    if (kind == kinds().end()) {
        std::fprintf(stderr, "batchd-torture: %s is no kind of torture\n", options.kind.c_str());
        return kWrongUsage;
    }
    if (const std::string why = why_not_traceable(); !why.empty()) {
        std::printf("skipped: processes can't be traced here: %s\n", why.c_str());
        return kSkipped;
    }
    work_in_memory();
    return kind->second(options) ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    ::testing::InitGoogleTest();
    CLI::App app("Breaks batchd in every way and judges what is left.", "batchd-torture");
    Options options;
    app.add_option("KIND", options.kind, "kill, error, power, restore, notices, hooks, random or soak")
        ->required();
    app.add_option("--sample", options.sample, "so many runs, drawn by the seed; all where it is not given");
    app.add_option("--seed", options.seed, "of everything that is left to chance");
    app.add_option("--at", options.at, "the run with this number only");
    app.add_option("--jobs", options.jobs, "runs at the same time");
    app.add_option("--minutes", options.minutes, "length of a soak");
    app.add_option("--daemon", options.daemon,
                   "the batchd to torture; the one built with it where not given");
    app.add_flag_callback(
        "--direct", [&] { options.service = Service::one_by_one; },
        "kill, error, power: with a server that has no batch API");
    CLI11_PARSE(app, argc, argv);
    try {
        return run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "batchd-torture: %s\n", error.what());
        return 1;
    }
}
