#include "engine/holding.hpp"

namespace batchd::engine {
namespace {

constexpr std::string_view kHeld = "held";

std::string about(const store::Batch& batch) {
    return "batch " + std::to_string(batch.id.value);
}

std::string_view without_slashes(std::string_view url) {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

Result<void> say(Ports& ports, EventKind kind, const store::Batch& batch, const std::string& why) {
    const auto job = ports.store.jobs.find(batch.job_id);
    if (!job) return job.error();
    if (*job) ports.journal.note(kind, **job, batch, why);
    ports.wakes.progressed();
    return {};
}

}  // namespace

bool is_elsewhere(std::string_view base_url, const provider::Account& now) {
    return !base_url.empty() && without_slashes(base_url) != without_slashes(now.base_url);
}

std::string why_elsewhere(std::string_view base_url, const provider::Account& now) {
    return "it was made at " + std::string(base_url) + ", and calls go to " + now.base_url +
           " now: put provider.base_url back, or give it up with `batchd abandon`";
}

Result<void> hold(Ports& ports, const store::Batch& batch, const std::string& why) {
    if (batch.held_since && batch.held == why) return {};
    auto done = ports.store.batches.hold(batch.id, why, ports.clock.now());
    if (done)
        done = ports.store.conditions.set(
            {.kind = std::string(kHeld), .about = about(batch), .text = why, .job = batch.job_id},
            ports.clock.now());
    if (!done || batch.held_since) return done;
    return say(ports, EventKind::batch_held, batch, why);
}

Result<void> release(Ports& ports, const store::Batch& batch, const std::string& why) {
    if (!batch.held_since) return {};
    auto done = ports.store.batches.release(batch.id);
    if (done) done = ports.store.conditions.clear(kHeld, about(batch));
    if (!done) return done;
    return say(ports, EventKind::batch_released, batch, why);
}

}  // namespace batchd::engine
