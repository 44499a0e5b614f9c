#include "engine/watch/overdue.hpp"

#include "provider/provider.hpp"

namespace batchd::engine {

std::optional<std::string> overdue(const store::Batch& batch, std::optional<Millis> window, TimePoint now) {
    constexpr Millis kPatience = std::chrono::hours(6);
    const auto status = provider::parse_status(batch.status);
    // These two take minutes, so that they are late long before the whole window is over.
    const bool should_be_short =
        status == provider::BatchStatus::finalizing || status == provider::BatchStatus::cancelling;
    if (should_be_short && batch.status_since && now - *batch.status_since > kPatience)
        return batch.status + " since " + to_utc_text(*batch.status_since);
    auto end = batch.expires_at;
    if (!end && batch.submitted_at && window) end = *batch.submitted_at + *window;
    if (end && now - *end > kPatience)
        return batch.status + " though it should have ended by " + to_utc_text(*end);
    return std::nullopt;
}

}  // namespace batchd::engine
