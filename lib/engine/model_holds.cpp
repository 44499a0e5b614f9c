#include "engine/model_holds.hpp"

namespace batchd::engine {

Millis ModelHolds::hold(const std::string& model, Millis now, double jitter) {
    Hold& hold = holds_[model];
    const Millis delay = backoff_.delay(++hold.refusals, jitter);
    hold.until = now + delay;
    return delay;
}

void ModelHolds::release(const std::string& model) {
    if (const auto found = holds_.find(model); found != holds_.end()) found->second.until = Millis{0};
}

void ModelHolds::accepted(const std::string& model) {
    holds_.erase(model);
}

std::optional<Millis> ModelHolds::held_for(const std::string& model, Millis now) const {
    const auto found = holds_.find(model);
    if (found == holds_.end() || found->second.until <= now) return std::nullopt;
    return found->second.until - now;
}

}  // namespace batchd::engine
