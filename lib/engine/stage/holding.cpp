#include "engine/stage/holding.hpp"

#include "config/settings.hpp"
#include "engine/record/owner.hpp"

namespace batchd::engine {
namespace {

std::string_view without_slashes(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

}  // namespace

bool is_elsewhere(std::string_view base_url, const provider::Identity& now) {
    // A slash at the end makes no other address.
    return !base_url.empty() && without_slashes(base_url) != without_slashes(now.base_url);
}

std::string why_elsewhere(std::string_view base_url, const provider::Identity& now,
                          std::string_view account) {
    const std::string made = "it was made at " + std::string(base_url) + ", and ";
    const std::string remedy = " back, or give it up with `batchd abandon`";
    if (now.base_url.empty())
        return made + "the configuration no longer has [provider." + std::string(account) + "]: put it" +
               remedy;
    return made + "calls go to " + now.base_url + " now: put " + base_url_key(account) + remedy;
}

std::string base_url_key(std::string_view account) {
    return account == config::kDefaultProvider ? "provider.base_url"
                                               : "provider." + std::string(account) + ".base_url";
}

Result<void> Holding::hold(const store::Batch& batch, const std::string& why) {
    // A stage meets what it holds again and again; people are told once.
    if (batch.held_since && batch.held == why) return {};
    auto done = store_.batches.hold(batch.id, why, clock_.now());
    // Another reason for what is held already changes what is shown, and is no second alarm.
    if (!done || batch.held_since) return done;
    return say(EventKind::batch_held, batch, why);
}

Result<void> Holding::release(const store::Batch& batch, const std::string& why) {
    if (!batch.held_since) return {};
    if (auto done = store_.batches.release(batch.id); !done) return done;
    return say(EventKind::batch_released, batch, why);
}

Result<void> Holding::say(EventKind kind, const store::Batch& batch, const std::string& why) {
    const auto job = owner_of(store_, batch);
    if (!job) return job.error();
    if (*job) journal_.note(kind, **job, batch, why);
    wakes_.progressed();  // `run --once` may have nothing left that it can do
    return {};
}

}  // namespace batchd::engine
