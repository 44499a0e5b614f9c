#include "engine/account/accounts.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "base/async/run_until.hpp"
#include "provider/no_provider.hpp"

namespace batchd::engine {

namespace asio = boost::asio;

namespace {

AccountAccess access_to_nobody(const std::string& name) {
    return {name, std::make_shared<config::Provider>(), provider::make_no_provider(name)};
}

bool has(const std::vector<AccountAccess>& all, const std::string& name) {
    return std::any_of(all.begin(), all.end(),
                       [&](const AccountAccess& access) { return access.name == name; });
}

}  // namespace

Accounts::Accounts(const Resources& resources, std::vector<AccountAccess> configured)
    : resources_(resources) {
    add_left_over(configured);
    for (AccountAccess& access : configured) set(std::move(access));
    // Without a run yet, so that a command that comes first finds them.
    for (auto& [name, slot] : slots_) slot.stages = std::make_unique<AccountStages>(resources_, slot.access);
}

/// Rows of an account that was removed while the daemon was stopped.
void Accounts::add_left_over(std::vector<AccountAccess>& configured) const {
    const auto in_use = resources_.store.jobs.providers_in_use();
    if (!in_use) return;  // the stages meet the same error, and say so
    for (const std::string& name : *in_use)
        if (!has(configured, name)) configured.push_back(access_to_nobody(name));
}

void Accounts::set(AccountAccess access) {
    Slot& slot = slots_.try_emplace(access.name, resources_.wakes.executor()).first->second;
    // By identity, not by value: whoever made the accounts keeps the object where nothing has changed, and
    // a batch in flight is then not disturbed by a reload.
    const bool is_same = slot.access.settings == access.settings && slot.access.calls == access.calls;
    const bool is_new = slot.access.calls == nullptr;
    if (is_same) {
        resources_.wakes.of(access.name).poller.raise();  // the interval may be another one
        return;
    }
    slot.access = std::move(access);
    // Stages that run end by it and begin anew. Of an account that is new nothing runs yet.
    if (!is_new)
        slot.changed.raise();
    else if (running_ != nullptr)
        running_->spawn(run_one(slot));
}

void Accounts::replace(std::vector<AccountAccess> configured) {
    for (const auto& [name, slot] : slots_)
        // An account is never taken out: its rows wait, held, until somebody puts it back or gives them up.
        if (!has(configured, name)) configured.push_back(access_to_nobody(name));
    for (AccountAccess& access : configured) set(std::move(access));
}

void Accounts::ensure(const std::string& name) {
    if (!slots_.contains(name)) set(access_to_nobody(name));
}

asio::awaitable<void> Accounts::run() {
    TaskGroup accounts(co_await asio::this_coro::executor);
    // For accounts that come by a reload: they get a task of this group.
    running_ = &accounts;
    for (auto& [name, slot] : slots_) accounts.spawn(run_one(slot));
    co_await accounts.join();
    running_ = nullptr;
}

asio::awaitable<void> Accounts::run_one(Slot& slot) {
    for (;;) {
        if (!slot.stages) slot.stages = std::make_unique<AccountStages>(resources_, slot.access);
        // What the stages were at is broken off as by a crash, which they are built for, and taken up with
        // the new key or address.
        co_await run_until(changed_and_drained(slot), slot.stages->run());
        // Gone before the next ones are made: two submitters of one account could make the same create.
        slot.stages.reset();
    }
}

bool Accounts::is_newest(const Slot& slot) {
    return slot.stages->calls() == slot.access.calls &&
           &slot.stages->settings() == slot.access.settings.get();
}

asio::awaitable<void> Accounts::changed_and_drained(Slot& slot) {
    // Raised once more while those before were drained: the stages that were made since are the newest
    // already, and what is drained sends nothing any more, ever.
    do co_await slot.changed.wait();
    while (is_newest(slot));
    // Requests that are sent one by one are paid for where nobody waits for their answers as well, and so
    // are answers that wait for a disk that is full.
    const auto calls = slot.stages->calls();
    co_await calls->drain();
}

AccountStages* Accounts::find(const std::string& name) {
    const auto slot = slots_.find(name);
    return slot == slots_.end() ? nullptr : slot->second.stages.get();
}

std::vector<AccountStages*> Accounts::all() const {
    std::vector<AccountStages*> all;
    for (const auto& [name, slot] : slots_)
        if (slot.stages) all.push_back(slot.stages.get());
    return all;
}

}  // namespace batchd::engine
