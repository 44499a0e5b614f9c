#include "daemon/run/provider_accounts.hpp"

#include <algorithm>

#include "base/async/task_group.hpp"
#include "config/environment.hpp"
#include "config/keys/api_key.hpp"

namespace batchd {

namespace asio = boost::asio;
using engine::EventKind;
using provider::FailureKind;

namespace {

/// "" for the one that needs no name.
std::string naming(const std::string& name) {
    return name == config::kDefaultProvider ? "" : "provider." + name + ": ";
}

/// The conditions of the default provider are about its address, as ever.
std::string about(const provider::Account& account) {
    return account.name() == config::kDefaultProvider ? account.settings().base_url : account.name();
}

}  // namespace

Result<std::shared_ptr<provider::Account>> ProviderAccounts::make(const std::string& name,
                                                                  const config::Provider& settings,
                                                                  const config::Settings& all) {
    return provider::Account::make(
        name, settings, all.retry, all.state.directory / "direct" / name, executor_, pool_, clock_,
        [this, name](const provider::GateChange& change) { changed(name, change); });
}

Result<void> ProviderAccounts::replace(const config::Settings& settings) {
    std::map<std::string, config::Provider> wanted = settings.providers;
    wanted.emplace(config::kDefaultProvider, settings.provider);
    std::map<std::string, Entry> entries;
    for (const auto& [name, its_settings] : wanted) {
        const auto old = entries_.find(name);
        // One that stays keeps its connections, its pace and what it has learnt, and its gate stays as it is.
        const bool stays = old != entries_.end() && (old->second.account->settings() == its_settings ||
                                                     old->second.account->can_adjust(its_settings));
        if (stays) {
            entries.emplace(name, old->second);
            continue;
        }
        auto made = make(name, its_settings, settings);
        if (!made)
            return within(name == config::kDefaultProvider ? "provider" : "provider." + name, made.error());
        entries.emplace(name, Entry{std::move(*made), {}});
    }
    // All at once, now that nothing can fail any more.
    std::erase_if(leaving_, [](const auto& account) { return account.expired(); });
    for (const auto& [name, entry] : entries_) {
        const auto now = entries.find(name);
        if (now == entries.end() || now->second.account != entry.account) leaving_.push_back(entry.account);
    }
    entries_ = std::move(entries);
    settings_ = settings;
    for (const auto& [name, entry] : entries_) entry.account->adjust(wanted.at(name));
    return {};
}

std::vector<engine::AccountAccess> ProviderAccounts::access() const {
    std::vector<engine::AccountAccess> all;
    for (const auto& [name, entry] : entries_) {
        const auto& account = entry.account;
        // They share the account's own life, so that whoever is in the middle of a call keeps all of it.
        all.push_back({name, std::shared_ptr<const config::Provider>(account, &account->settings()),
                       std::shared_ptr<provider::Provider>(account, &account->calls())});
    }
    return all;
}

std::vector<std::shared_ptr<provider::Account>> ProviderAccounts::leaving() const {
    std::vector<std::shared_ptr<provider::Account>> still_there;
    for (const auto& left : leaving_)
        if (auto account = left.lock()) still_there.push_back(std::move(account));
    return still_there;
}

std::vector<std::shared_ptr<provider::Account>> ProviderAccounts::all() const {
    auto all = leaving();
    for (const auto& [name, entry] : entries_) all.push_back(entry.account);
    return all;
}

asio::awaitable<void> ProviderAccounts::drain() {
    // Kept until the last of them has ended.
    const auto accounts = all();
    TaskGroup draining(executor_);
    for (const auto& account : accounts) draining.spawn(account->calls().drain());
    co_await draining.join();
}

std::uint64_t ProviderAccounts::unsaved() const {
    std::uint64_t count = 0;
    for (const auto& account : all()) count += account->calls().unsaved();
    return count;
}

void ProviderAccounts::read_keys() {
    for (auto& [name, entry] : entries_) read_key(entry);
}

void ProviderAccounts::read_key(Entry& entry) {
    provider::Account& account = *entry.account;
    if (!account.needs_key()) return;
    const auto found =
        config::find_api_key(settings_, account.name() == config::kDefaultProvider ? "" : account.name(),
                             config::system_environment());
    if (!found) {
        const std::string complaint = naming(account.name()) + to_string(found.error());
        if (complaint != entry.complaint) journal_->note(EventKind::provider_closed, complaint);
        entry.complaint = complaint;
        trouble_.raise();
        return;
    }
    entry.complaint.clear();
    // Before it is used, for an error may quote the request.
    log_.add_secret(found->key);
    entry.key_origin = found->where + ", " + found->until;
    if (account.use_key(found->key))
        journal_->note(EventKind::configuration,
                       naming(account.name()) + "the API key is from " + found->where);
}

asio::awaitable<void> ProviderAccounts::look_for_keys() {
    // Only while there is something wrong with one, and then often enough for the person who has just mended
    // it.
    for (;;) {
        co_await trouble_.wait();
        while (any_in_trouble()) {
            // The key is a file that a person replaces, and no event tells of it.
            co_await clock_.sleep_for(std::chrono::seconds(2));
            for (auto& [name, entry] : entries_)
                if (is_in_trouble(entry)) read_key(entry);
        }
    }
}

asio::awaitable<void> ProviderAccounts::until_none_works() {
    while (!why_none_works()) co_await trouble_.wait();
}

bool ProviderAccounts::is_in_trouble(const Entry& entry) {
    const auto closed = entry.account->closed();
    return !entry.complaint.empty() || std::any_of(closed.begin(), closed.end(), [](const auto& change) {
        return change.kind == FailureKind::unauthorized;
    });
}

bool ProviderAccounts::any_in_trouble() const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [](const auto& named) { return is_in_trouble(named.second); });
}

std::optional<std::string> ProviderAccounts::why_none_works() const {
    std::optional<std::string> first;
    for (const auto& [name, entry] : entries_) {
        if (!is_in_trouble(entry)) return std::nullopt;
        if (!first) first = why_closed(name)->why;
    }
    return first;
}

std::optional<engine::Closed> ProviderAccounts::why_closed(const std::string& name) const {
    const auto entry = entries_.find(name);
    if (entry == entries_.end())
        return engine::Closed{"the configuration has no [provider." + name + "]: put it back"};
    if (!entry->second.complaint.empty()) return engine::Closed{entry->second.complaint};
    std::optional<engine::Closed> closed;
    for (const provider::GateChange& change : entry->second.account->closed()) {
        if (change.kind == FailureKind::unauthorized) return engine::Closed{told(name, change)};
        if (change.kind == FailureKind::quota) closed = engine::Closed{naming(name) + change.reason, true};
    }
    return closed;
}

std::string ProviderAccounts::told(const std::string& name, const provider::GateChange& change) const {
    const std::string text = naming(name) + change.reason;
    const auto entry = entries_.find(name);
    const bool is_about_key = change.kind == FailureKind::unauthorized && entry != entries_.end() &&
                              !entry->second.key_origin.empty();
    return is_about_key ? text + "; the key is from " + entry->second.key_origin : text;
}

void ProviderAccounts::changed(const std::string& name, const provider::GateChange& change) {
    const bool closed = change.to == provider::GateChange::To::closed;
    journal_->note(closed ? EventKind::provider_closed : EventKind::provider_open,
                   closed ? told(name, change) : naming(name) + "open again; before: " + change.reason);
    wakes_->observer.raise();
    wakes_->finisher.raise();
    if (any_in_trouble()) trouble_.raise();
}

std::vector<store::Condition> ProviderAccounts::conditions() const {
    std::vector<store::Condition> all;
    for (const auto& [name, entry] : entries_) {
        store::Condition closed{.kind = "provider_closed", .about = about(*entry.account), .text = {}};
        for (const provider::GateChange& change : entry.account->closed()) {
            // Without a key the gate is closed for want of it; what is there to be done stands in the
            // complaint.
            if (!entry.complaint.empty() && change.kind == FailureKind::unauthorized) continue;
            closed.text += closed.text.empty() ? told(name, change) : "; " + change.reason;
        }
        if (!entry.complaint.empty())
            all.push_back({.kind = "no_key", .about = closed.about, .text = entry.complaint});
        if (!closed.text.empty()) all.push_back(std::move(closed));
        if (std::string why = entry.account->calls().stall(); !why.empty())
            all.push_back({.kind = "waiting", .about = about(*entry.account), .text = naming(name) + why});
        // Nothing is waited for there, but readers of the database have no other place to see it.
        if (std::string what = entry.account->calls().activity(); !what.empty())
            all.push_back({.kind = "activity", .about = about(*entry.account), .text = std::move(what)});
    }
    // One that a reload has replaced may wait for a disk that is full, and the one behind it waits for that.
    for (const auto& account : leaving())
        if (std::string why = account->calls().stall(); !why.empty() && account->calls().unsaved() > 0)
            all.push_back(
                {.kind = "waiting", .about = about(*account), .text = naming(account->name()) + why});
    return all;
}

}  // namespace batchd
