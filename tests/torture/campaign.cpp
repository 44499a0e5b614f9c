#include "torture/campaign.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <numeric>
#include <random>
#include <system_error>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace batchd::torture {
namespace {

constexpr std::size_t kLogTail = 6000;
constexpr std::uint64_t kTellEvery = 200;
constexpr unsigned kWorkersMax = 64;  // of whom it is noted what they are at

/// What the processes of a campaign share.
struct Shared {
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::uint64_t> runs{0}, struck{0}, failed_runs{0};
    std::atomic<std::uint64_t> found[4]{};              // by Finding::Kind
    std::atomic<std::uint64_t> current[kWorkersMax]{};  // the index of the trial that a worker is in
};

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class SharedPage {
public:
    SharedPage() {
        void* const page =
            mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (page == MAP_FAILED) fail("mmap");
        shared_ = new (page) Shared;
    }
    SharedPage(const SharedPage&) = delete;
    SharedPage& operator=(const SharedPage&) = delete;
    ~SharedPage() { munmap(shared_, sizeof(Shared)); }
    Shared& operator*() const { return *shared_; }

private:
    Shared* shared_;
};

void tell(const CampaignOptions& options, const Trial& trial, const Outcome& outcome) {
    std::string text =
        "\n--- " + options.name + " " + std::to_string(trial.number) + ": " + outcome.what + "\n";
    for (const Finding& finding : outcome.findings)
        text += std::string(to_string(finding.kind)) + ": " + finding.text + "\n";
    text += "the daemon's log:\n";
    text += outcome.log.size() > kLogTail ? "[…]" + outcome.log.substr(outcome.log.size() - kLogTail)
                                          : outcome.log;
    text += "again: " + options.replay + std::to_string(trial.number) + "\n";
    std::fputs(text.c_str(), stderr);  // in one piece: other processes write as well
}

void record(Shared& shared, const Outcome& outcome) {
    ++shared.runs;
    if (outcome.was_struck) ++shared.struck;
    if (!outcome.findings.empty()) ++shared.failed_runs;
    bool seen[4] = {};
    for (const Finding& finding : outcome.findings) seen[static_cast<std::size_t>(finding.kind)] = true;
    for (std::size_t kind = 0; kind < 4; ++kind)
        if (seen[kind]) ++shared.found[kind];
}

Outcome run_safely(const std::function<Outcome(const Trial&)>& run, const Trial& trial) {
    try {
        return run(trial);
    } catch (const std::exception& error) {
        return {.findings = {{Finding::Kind::broken, std::string("the test itself: ") + error.what()}}};
    }
}

/// How a process of the campaign ended that should not have, and in which trial it was.
void tell_of_death(const CampaignOptions& options, const Shared& shared, unsigned worker, int status,
                   const std::vector<Trial>& trials) {
    const std::string how = WIFSIGNALED(status) ? "was ended by signal " + std::to_string(WTERMSIG(status))
                                                : "ended with " + std::to_string(WEXITSTATUS(status));
    const std::uint64_t trial = worker < kWorkersMax ? shared.current[worker].load() : trials.size();
    std::string text = "a process of this test " + how;
    if (trial < trials.size()) text += "; again: " + options.replay + std::to_string(trials[trial].number);
    std::fprintf(stderr, "%s\n", text.c_str());
}

void work(Shared& shared, unsigned worker, const CampaignOptions& options, const std::vector<Trial>& trials,
          const std::function<Outcome(const Trial&)>& run) {
    for (std::uint64_t i = shared.next++; i < trials.size(); i = shared.next++) {
        if (worker < kWorkersMax) shared.current[worker] = i;
        const Outcome outcome = run_safely(run, trials[i]);
        record(shared, outcome);
        if (!outcome.findings.empty()) tell(options, trials[i], outcome);
        if ((i + 1) % kTellEvery == 0)
            std::fprintf(stderr, "%s: %lu of %zu\n", options.name.c_str(), i + 1, trials.size());
        std::fflush(stderr);
    }
}

}  // namespace

Tally run_trials(const CampaignOptions& options, const std::vector<Trial>& trials,
                 const std::function<Outcome(const Trial&)>& run) {
    const SharedPage page;
    Shared& shared = *page;
    std::setvbuf(stderr, nullptr, _IOFBF, 64 * 1024);
    std::vector<pid_t> workers;
    for (unsigned i = 0; i < options.jobs; ++i) {
        const pid_t worker = fork();
        if (worker < 0) fail("fork");
        if (worker == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            work(shared, i, options, trials, run);
            std::fflush(stderr);
            _exit(0);
        }
        workers.push_back(worker);
    }
    bool all_well = true;
    for (unsigned i = 0; i < workers.size(); ++i) {
        int status = 0;
        waitpid(workers[i], &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        all_well = false;
        tell_of_death(options, shared, i, status, trials);
    }
    Tally tally{.runs = shared.runs,
                .struck = shared.struck,
                .failed_runs = shared.failed_runs,
                .lost = shared.found[0],
                .twice = shared.found[1],
                .crashed = shared.found[2],
                .broken = shared.found[3]};
    if (!all_well) ++tally.failed_runs;
    return tally;
}

std::vector<std::uint64_t> draw(std::uint64_t end, std::uint64_t count, std::uint64_t seed) {
    std::vector<std::uint64_t> all(end);
    std::iota(all.begin(), all.end(), 0);
    if (count >= end) return all;
    std::mt19937_64 random(seed);
    std::shuffle(all.begin(), all.end(), random);
    all.resize(count);
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace batchd::torture
