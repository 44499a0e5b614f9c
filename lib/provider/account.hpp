#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "provider/api_key.hpp"
#include "provider/gate.hpp"
#include "provider/provider.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::provider {

/// One provider of the configuration as somebody whom it knows: the settings, the key, the connections and
/// the gate. What is refused to one account, or is slow for it, stops no other.
class Account {
public:
    using Observer = std::function<void(const GateChange&)>;

    /// `folder`: for what it keeps on this disk, where its kind has something. `pool` and `clock` must
    /// outlive it. Errors: as the adapter of its kind has them.
    static Result<std::shared_ptr<Account>> make(std::string name, const config::Provider& settings,
                                                 const config::Retry& backoff, const Path& folder,
                                                 boost::asio::any_io_executor executor,
                                                 boost::asio::thread_pool& pool, Clock& clock,
                                                 Observer observer);

    /// "default" for [provider].
    const std::string& name() const { return name_; }
    const config::Provider& settings() const { return settings_; }
    Provider& calls() { return *gate_; }
    /// What is closed now, one entry a reason; empty when calls go through.
    std::vector<GateChange> closed() const { return gate_->closed(); }

    /// True where `settings` differ only in what work that is under way can go on with: of a direct provider
    /// max_in_flight, requests_per_minute, tokens_per_minute and timeout.
    bool can_adjust(const config::Provider& settings) const;
    /// Takes them over. Only where it can.
    void adjust(const config::Provider& settings);

    bool needs_key() const { return settings_.api_key != "none"; }
    /// Replaces the key, and lets the calls go that the old one held up. False: it is the one that there is.
    bool use_key(const std::string& key);

private:
    /// Without an adapter yet: make() gives it one.
    Account(std::string name, const config::Provider& settings);

    std::string name_;
    config::Provider settings_;
    ApiKey key_;
    /// What calls the server. The gate refers to it, and so is destroyed first.
    std::unique_ptr<Provider> adapter_;
    std::unique_ptr<GatedProvider> gate_;
};

}  // namespace batchd::provider
