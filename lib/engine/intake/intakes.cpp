#include "engine/intake/intakes.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_blocking.hpp"
#include "base/async/run_until.hpp"
#include "config/effective.hpp"
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

Intakes::Intakes(const Intake::Ports& ports, Intake::Mode mode)
    : ports_(ports), mode_(mode), due_(ports.wakes.executor()), new_ones_(ports.wakes.executor()) {
    for (const std::string& queue : configured(ports.settings)) add(queue);
}

Intakes::Slot& Intakes::add(const std::string& queue) {
    Slot& slot = slots_.try_emplace(queue, ports_.wakes.executor()).first->second;
    if (!slot.intake) slot.intake = std::make_unique<Intake>(ports_, mode_, due_, queue);
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
    // Queues that went while the daemon was stopped: their claims are finished, and nothing more is taken
    // from their folders.
    std::erase_if(slots_, [&](const auto& slot) { return !config::has_queue(ports_.settings, slot.first); });
}

asio::awaitable<void> Intakes::run() {
    TaskGroup intakes(co_await asio::this_coro::executor);
    running_ = &intakes;
    for (const std::string& queue : shown()) begin(queue);
    replace();
    if (mode_ == Intake::Mode::daemon) {
        intakes.spawn(run_what_is_due());
        intakes.spawn(look_at_idle_ones());
    }
    co_await intakes.join();
    running_ = nullptr;
}

void Intakes::replace() {
    for (auto& [queue, slot] : slots_)
        if (!config::has_queue(ports_.settings, queue)) slot.stop.raise();
    std::erase_if(slots_, [&](const auto& one) {
        return !one.second.is_running && !config::has_queue(ports_.settings, one.first);
    });
    if (running_ == nullptr) return;
    forget_pictures_of_gone_ones();
    for (const std::string& queue : configured(ports_.settings)) {
        const Slot& slot = add(queue);
        const bool may_rest = mode_ == Intake::Mode::daemon && queue != config::kDefaultQueue;
        if (may_rest && !slot.is_running) slot.intake->rest();
        if (!slot.intake->is_idle()) begin(queue);
    }
    new_ones_.raise();
}

void Intakes::forget_pictures_of_gone_ones() {
    for (const std::string& queue : shown()) {
        if (slots_.contains(queue)) continue;
        // What can't be forgotten now is by the next reload or start.
        (void)InboxPicture::forget(ports_.store.conditions, queue);
        ports_.wakes.observer.raise();
    }
}

void Intakes::begin(const std::string& queue) {
    const auto slot = slots_.find(queue);
    if (slot == slots_.end() || slot->second.is_running) return;
    slot->second.is_running = true;
    running_->spawn(run_one(queue));
}

asio::awaitable<void> Intakes::run_one(std::string queue) {
    Slot& slot = slots_.at(queue);
    bool ended = true;
    // What it was at is broken off as by a crash: rows without their files are finished at the next start.
    do ended = co_await run_until(slot.stop, slot.intake->run());
    while (ended && !slot.intake->is_idle() && !slot.intake->drained());
    slot.is_running = false;
    if (ended && config::has_queue(ports_.settings, queue)) co_return;
    slots_.erase(queue);
    if (running_ != nullptr) replace();  // a reload may have put it back meanwhile
}

asio::awaitable<void> Intakes::run_what_is_due() {
    for (;;) {
        co_await due_.wait();
        std::vector<std::string> due;  // one that ends at once may take its slot with it
        for (const auto& [queue, slot] : slots_)
            if (!slot.is_running && !slot.intake->is_idle()) due.push_back(queue);
        for (const std::string& queue : due) begin(queue);
    }
}

/// One wait and one job for the pool, however many there are: a thousand timers would wake us a thousand
/// times.
asio::awaitable<void> Intakes::look_at_idle_ones() {
    for (;;) {
        co_await new_ones_.wait_for(ports_.clock, ports_.settings.spool.scan_interval);
        std::map<std::string, Path> folders;
        for (const auto& [queue, slot] : slots_)
            if (slot.intake->is_idle()) folders.emplace(queue, slot.intake->folder());
        if (folders.empty()) continue;
        co_await run_blocking(ports_.pool, [&folders] { return std::erase_if(folders, is_empty); });
        for (const auto& [queue, folder] : folders)
            if (const auto slot = slots_.find(queue); slot != slots_.end()) slot->second.intake->scan_now();
    }
}

std::set<std::string> Intakes::shown() const {
    std::set<std::string> queues;
    const auto all = ports_.store.conditions.all();
    if (!all) return queues;  // other stages meet the same error, and say so
    for (const store::Condition& condition : *all)
        if (condition.kind == InboxPicture::kKind) queues.insert(InboxPicture::queue_of(condition.about));
    return queues;
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
