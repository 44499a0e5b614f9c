#include "engine/room/model_holds.hpp"

#include <algorithm>

namespace batchd::engine {
namespace {

template <class Hold>
Millis end_of(const std::map<std::string, Hold>& holds, const std::string& model) {
    const auto found = holds.find(model);
    return found == holds.end() ? Millis{0} : found->second.until;
}

}  // namespace

Millis ModelHolds::hold(const std::string& model, Millis now, double jitter) {
    Hold& hold = holds_[model];
    const Millis delay = backoff_.delay(++hold.refusals, jitter);
    hold.until = now + delay;
    return delay;
}

void ModelHolds::hold_for(const std::string& model, Millis now, Millis delay, std::string why) {
    Trouble& trouble = troubles_[model];
    if (trouble.until < now + delay) trouble = {now + delay, std::move(why)};
}

void ModelHolds::release(const std::string& model) {
    // Only the wait is over: refusals in a row still make the next one longer, until a batch is accepted.
    if (const auto found = holds_.find(model); found != holds_.end()) found->second.until = Millis{0};
}

void ModelHolds::accepted(const std::string& model) {
    holds_.erase(model);
}

std::optional<Millis> ModelHolds::held_for(const std::string& model, Millis now) const {
    const Millis until = std::max(end_of(holds_, model), end_of(troubles_, model));
    return until > now ? std::optional(until - now) : std::nullopt;
}

std::string ModelHolds::why_held(const std::string& model) const {
    const bool is_trouble = end_of(troubles_, model) > end_of(holds_, model);
    return is_trouble ? troubles_.at(model).why : "the provider has no room for more tokens of " + model;
}

std::optional<std::uint64_t> ModelHolds::limit_of(const std::string& model,
                                                  const std::map<std::string, std::uint64_t>& configured,
                                                  Millis now) const {
    const auto found = configured.find(model);
    // Who has configured one knows more than a message that was read.
    return found == configured.end() ? learnt_limit(model, now) : std::optional(found->second);
}

unsigned ModelHolds::refused(const std::string& job_key, std::uint64_t shard, std::uint64_t beside) {
    if (beside == 0) return ++refused_alone_[{job_key, shard}];
    forget_refusals(job_key, shard);
    return 0;
}

void ModelHolds::learn_limit(const std::string& model, std::uint64_t tokens, Millis now) {
    limits_[model] = {tokens, now};
}

std::optional<std::uint64_t> ModelHolds::learnt_limit(const std::string& model, Millis now) const {
    constexpr Millis kBelievedFor = std::chrono::hours(24);
    const auto found = limits_.find(model);
    if (found == limits_.end() || now - found->second.learnt_at > kBelievedFor) return std::nullopt;
    return found->second.tokens;
}

}  // namespace batchd::engine
