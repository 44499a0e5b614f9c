#include "provider/account.hpp"

#include <utility>

#include "provider/direct/direct.hpp"
#include "provider/openai/openai.hpp"

namespace batchd::provider {

Account::Account(std::string name, const config::Provider& settings)
    : name_(std::move(name)),
      settings_(settings),
      key_("", settings.api_key == "none" ? ApiKey::Need::none : ApiKey::Need::key) {}

Result<std::shared_ptr<Account>> Account::make(std::string name, const config::Provider& settings,
                                               const config::Retry& backoff, const Path& folder,
                                               boost::asio::any_io_executor executor,
                                               boost::asio::thread_pool& pool, Clock& clock,
                                               Observer observer) {
    // In its place on the heap first: the adapter keeps a reference to its key.
    std::shared_ptr<Account> account(new Account(std::move(name), settings));
    auto adapter = settings.kind == config::Kind::direct
                       ? make_direct(account->name_, account->settings_, backoff, folder, account->key_,
                                     executor, pool, clock)
                       : make_openai(account->settings_, account->key_, executor, pool, clock);
    if (!adapter) return adapter.error();
    account->adapter_ = std::move(*adapter);
    // One gate an account: a refused key or a limit of one provider must not stop the others.
    account->gate_ = std::make_unique<GatedProvider>(*account->adapter_, account->key_, std::move(executor),
                                                     clock, backoff, std::move(observer));
    return account;
}

bool Account::can_adjust(const config::Provider& settings) const {
    if (settings_.kind != config::Kind::direct) return false;
    config::Provider rest = settings;
    // All but these has to be the same. Whoever adds a setting gets new stages for it, which is always right.
    rest.max_in_flight = settings_.max_in_flight;
    rest.requests_per_minute = settings_.requests_per_minute;
    rest.tokens_per_minute = settings_.tokens_per_minute;
    rest.timeout = settings_.timeout;
    return rest == settings_;
}

void Account::adjust(const config::Provider& settings) {
    if (settings == settings_) return;
    settings_ = settings;
    adapter_->adjust(settings_);
}

bool Account::use_key(const std::string& key) {
    // A reload reads all keys again; one that is the same must not open a gate that the provider has closed
    // for it.
    if (key == key_.value()) return false;
    key_.replace(key);
    gate_->key_changed();
    return true;
}

}  // namespace batchd::provider
