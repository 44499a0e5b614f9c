#include "engine/intake/intakes.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "engine/queue/queue_folders.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

/// False where that can't be seen: the scan says why.
bool is_empty(const std::pair<const std::string, Path>& folder) {
    const auto empty = spool::is_empty_inbox(folder.second);
    return empty && *empty;
}

std::set<std::string> configured(const config::Settings& settings) {
    std::set<std::string> queues{std::string(config::kDefaultQueue)};
    for (const auto& [name, queue] : settings.queues) queues.insert(name);
    return queues;
}

}  // namespace

Intakes::Intakes(const Intake::Ports& ports, Intake::Mode mode) : ports_(ports), mode_(mode) {
    for (const std::string& queue : configured(ports.settings)) add(queue);
}

Intakes::Slot& Intakes::add(const std::string& queue) {
    Slot& slot = slots_.try_emplace(queue, ports_.wakes.executor()).first->second;
    if (!slot.intake) slot.intake = std::make_unique<Intake>(ports_, mode_, queue);
    return slot;
}

Result<void> Intakes::own_inbox() {
    // Who has the inbox has the folders in it: one lock keeps another daemon from all of them.
    return add(std::string(config::kDefaultQueue)).intake->own_inbox();
}

asio::awaitable<void> Intakes::finish_claims() {
    const auto claimed = ports_.store.jobs.in_state(store::JobState::claimed, 1'000'000);
    if (!claimed) co_return;  // the planner meets the same error, and says so
    std::map<std::string, std::vector<store::Job>> jobs;
    for (const store::JobId id : *claimed) {
        auto found = ports_.store.jobs.find(id);
        if (found && *found) jobs[(*found)->queue].push_back(std::move(**found));
    }
    jobs.try_emplace(std::string(config::kDefaultQueue));  // whose intake makes the inbox ours
    for (auto& [queue, its_jobs] : jobs) co_await add(queue).intake->finish_claims(std::move(its_jobs));
    const std::set<std::string> queues = configured(ports_.settings);
    // Queues that went while the daemon was stopped: their claims are finished, and nothing more is taken
    // from their folders.
    std::erase_if(slots_, [&](const auto& slot) { return !queues.contains(slot.first); });
}

asio::awaitable<void> Intakes::run() {
    TaskGroup intakes(co_await asio::this_coro::executor);
    running_ = &intakes;
    replace();
    if (mode_ == Intake::Mode::daemon) intakes.spawn(look_at_idle_ones());
    co_await intakes.join();
    running_ = nullptr;
}

void Intakes::replace() {
    const std::set<std::string> queues = configured(ports_.settings);
    for (auto& [queue, slot] : slots_)
        if (!queues.contains(queue)) slot.stop.raise();
    for (const std::string& queue : queues) {
        Slot& slot = add(queue);
        if (slot.is_running || running_ == nullptr) continue;
        slot.is_running = true;
        running_->spawn(run_one(queue));
    }
}

asio::awaitable<void> Intakes::run_one(std::string queue) {
    Slot& slot = slots_.at(queue);
    // What it was at is broken off as by a crash: rows without their files are finished at the next start.
    const bool ended = co_await run_until(slot.stop, slot.intake->run());
    if (ended) co_return;
    slots_.erase(queue);
    if (running_ != nullptr) replace();  // a reload may have put it back meanwhile
}

/// One wait and one job for the pool, however many there are: a thousand timers would wake us a thousand
/// times.
asio::awaitable<void> Intakes::look_at_idle_ones() {
    for (;;) {
        co_await ports_.clock.sleep_for(ports_.settings.spool.scan_interval);
        std::map<std::string, Path> folders;
        for (const auto& [queue, slot] : slots_)
            if (slot.intake->is_idle()) folders.emplace(queue, slot.intake->folder());
        if (folders.empty()) continue;
        co_await run_blocking(ports_.pool, [&folders] { return std::erase_if(folders, is_empty); });
        for (const auto& [queue, folder] : folders)
            if (const auto slot = slots_.find(queue); slot != slots_.end()) slot->second.intake->scan_now();
    }
}

bool Intakes::drained() const {
    return std::all_of(slots_.begin(), slots_.end(),
                       [](const auto& slot) { return slot.second.intake->drained(); });
}

bool Intakes::is_moving(store::JobId id) const {
    return std::any_of(slots_.begin(), slots_.end(),
                       [&](const auto& slot) { return slot.second.intake->is_moving(id); });
}

std::vector<Path> Intakes::gone() const {
    std::vector<Path> gone;
    for (const auto& [queue, slot] : slots_)
        if (slot.intake->inbox_is_gone()) gone.push_back(folders_of(ports_.settings.spool, queue).inbox);
    return gone;
}

}  // namespace batchd::engine
