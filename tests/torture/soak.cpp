#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <random>

#include "system/requests.hpp"
#include "torture/scenario.hpp"
#include "torture/tortures.hpp"

namespace batchd::torture {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kOpenJobs = 24;       // as many are kept in the works
constexpr unsigned kLastLifeShare = 3;      // of the whole soak: a life without a kill, to see what grows
constexpr double kGrowthMax = 1.25;         // of resident memory in that life, behind its first quarter
constexpr std::size_t kDescriptorsMax = 2;  // as many; it depends on what goes on at the time

/// What a process holds.
struct Holdings {
    std::size_t descriptors = 0;
    std::size_t resident_kib = 0;
};

Holdings holdings_of(pid_t process) {
    const std::string folder = "/proc/" + std::to_string(process);
    Holdings holdings;
    std::error_code ec;
    for (std::filesystem::directory_iterator it(folder + "/fd", ec), end; !ec && it != end; it.increment(ec))
        ++holdings.descriptors;
    std::ifstream status(folder + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) holdings.resident_kib = std::stoul(line.substr(6));
    return holdings;
}

class Soak {
public:
    explicit Soak(const Options& options)
        : options_(options), random_(options.seed), bench_(testing::Transport::plain) {
        bench_.set("spool.settle_time", "\"10ms\"");
        bench_.set("provider.list_lag", "\"200ms\"");
        bench_.set("batch.max_requests", "5");
        bench_.set("retry.row_attempts", "20");
        bench_.provider().change_settings(R"({"fail_rate":0.1,"timeout_rate":0.05,"in_progress":0.3})");
    }

    bool run() {
        const std::chrono::seconds whole = std::chrono::minutes(options_.minutes);
        const auto end = SteadyClock::now() + whole;
        const auto last_life = end - whole / kLastLifeShare;
        while (SteadyClock::now() < last_life) {
            live_until(
                std::min(last_life, SteadyClock::now() + std::chrono::milliseconds(1000 + random_() % 5000)));
            at_kill_.push_back(holdings_);
            ++lives_;
        }
        const auto quarter = last_life + (end - last_life) / 4;
        live_on(quarter);
        const Holdings early = most_;
        live_on(end);
        const Holdings late = most_;
        daemon_.reset();
        return finish(early, late);
    }

private:
    void drop_files() {
        if (bench_.dropped().empty() || SteadyClock::now() - counted_ > std::chrono::milliseconds(200)) {
            open_ = dropped_ - bench_.database().count("jobs WHERE state IN ('done', 'failed')");
            counted_ = SteadyClock::now();
        }
        for (; open_ < kOpenJobs; ++open_) {
            const std::string name = "job-" + std::to_string(++dropped_);
            Expected& job = expected_[name];
            std::vector<std::string> lines;
            for (std::uint64_t row = 1 + random_() % 12; row > 0; --row) {
                job.answered.push_back(name + "_" + std::to_string(row));
                lines.push_back(testing::chat_line(job.answered.back()));
            }
            rows_ += lines.size();
            bench_.drop(name, testing::file_of(lines));
        }
    }

    void live_on(SteadyClock::time_point end) {
        most_ = {};
        if (!daemon_) start();
        const auto left = std::chrono::duration_cast<Millis>(end - SteadyClock::now());
        daemon_->wait_until(
            [&] {
                drop_files();
                holdings_ = holdings_of(daemon_->pid());
                most_.descriptors = std::max(most_.descriptors, holdings_.descriptors);
                most_.resident_kib = std::max(most_.resident_kib, holdings_.resident_kib);
                return SteadyClock::now() >= end;
            },
            std::max(left, Millis(1)));
        if (!daemon_->runs()) findings_.push_back({Finding::Kind::crashed, "it ended by itself"});
    }

    void live_until(SteadyClock::time_point end) {
        live_on(end);
        daemon_->kill();
        daemon_.reset();
    }

    void start() {
        testing::DaemonCommand command = bench_.command({"run"});
        if (!options_.daemon.empty()) command.program = options_.daemon;
        daemon_.emplace(command);
    }

    bool finish(const Holdings& early, const Holdings& late) {
        testing::DaemonCommand command = bench_.command({"run", "--once"});
        if (!options_.daemon.empty()) command.program = options_.daemon;
        testing::DaemonProcess last(command);
        if (last.wait_for_exit(kLifeMax) != 0)
            findings_.push_back({Finding::Kind::crashed, "the last life did not end well"});
        append(findings_, judge(bench_, expected_));
        if (static_cast<double>(late.resident_kib) > kGrowthMax * static_cast<double>(early.resident_kib))
            findings_.push_back({Finding::Kind::broken, "resident memory grows"});
        if (late.descriptors > kDescriptorsMax * early.descriptors)
            findings_.push_back({Finding::Kind::broken, "descriptors are left open"});
        print(early, late);
        for (const Finding& finding : findings_)
            std::fprintf(stderr, "%s: %s\n", to_string(finding.kind), finding.text.c_str());
        return findings_.empty();
    }

    void print(const Holdings& early, const Holdings& late) const {
        Holdings least{~std::size_t{0}, ~std::size_t{0}}, most;
        for (const Holdings& one : at_kill_) {
            least = {std::min(least.descriptors, one.descriptors),
                     std::min(least.resident_kib, one.resident_kib)};
            most = {std::max(most.descriptors, one.descriptors),
                    std::max(most.resident_kib, one.resident_kib)};
        }
        std::printf("soak: %u min, %zu lives ended by a kill, %zu jobs of %zu requests; %zu findings\n",
                    options_.minutes, lives_, dropped_, rows_, findings_.size());
        std::printf("soak: at the kills %zu to %zu descriptors, %zu to %zu KiB resident\n", least.descriptors,
                    most.descriptors, least.resident_kib, most.resident_kib);
        std::printf(
            "soak: in the last life of %u s at most %zu descriptors and %zu KiB in its first quarter, "
            "%zu and %zu KiB afterwards\n",
            options_.minutes * 60 / kLastLifeShare, early.descriptors, early.resident_kib, late.descriptors,
            late.resident_kib);
    }

    const Options& options_;
    std::mt19937_64 random_;
    testing::Workbench bench_;
    ExpectedJobs expected_;
    Findings findings_;
    std::optional<testing::DaemonProcess> daemon_;
    Holdings holdings_, most_;
    std::vector<Holdings> at_kill_;
    std::size_t lives_ = 0, dropped_ = 0, rows_ = 0, open_ = 0;
    SteadyClock::time_point counted_{};
};

}  // namespace

bool soak(const Options& options) {
    return Soak(options).run();
}

}  // namespace batchd::torture
