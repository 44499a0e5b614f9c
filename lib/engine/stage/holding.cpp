#include "engine/stage/holding.hpp"

namespace batchd::engine {
namespace {

std::string_view without_slashes(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

Result<void> say(Ports& ports, EventKind kind, const store::Batch& batch, const std::string& why) {
    const auto job = ports.store.jobs.find(batch.job_id);
    if (!job) return job.error();
    if (*job) ports.journal.note(kind, **job, batch, why);
    ports.wakes.progressed();  // `run --once` may have nothing left that it can do
    return {};
}

}  // namespace

bool is_elsewhere(std::string_view base_url, const provider::Identity& now) {
    return !base_url.empty() && without_slashes(base_url) != without_slashes(now.base_url);
}

std::string why_elsewhere(std::string_view base_url, const AccountPorts& ports) {
    const std::string made = "it was made at " + std::string(base_url) + ", and ";
    const std::string remedy = " back, or give it up with `batchd abandon`";
    const std::string now = ports.provider.identity().base_url;
    if (now.empty())
        return made + "the configuration no longer has [provider." + ports.name + "]: put it" + remedy;
    return made + "calls go to " + now + " now: put " + base_url_key(ports.name) + remedy;
}

std::string base_url_key(std::string_view account) {
    return account == "default" ? "provider.base_url" : "provider." + std::string(account) + ".base_url";
}

Result<void> hold(Ports& ports, const store::Batch& batch, const std::string& why) {
    if (batch.held_since && batch.held == why) return {};
    auto done = ports.store.batches.hold(batch.id, why, ports.clock.now());
    if (!done || batch.held_since) return done;
    return say(ports, EventKind::batch_held, batch, why);
}

Result<void> release(Ports& ports, const store::Batch& batch, const std::string& why) {
    if (!batch.held_since) return {};
    if (auto done = ports.store.batches.release(batch.id); !done) return done;
    return say(ports, EventKind::batch_released, batch, why);
}

}  // namespace batchd::engine
