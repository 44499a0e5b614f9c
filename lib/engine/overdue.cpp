#include "engine/overdue.hpp"

#include "provider/provider.hpp"

namespace batchd::engine {

std::optional<std::string> overdue(const store::Batch& batch, TimePoint now) {
    constexpr Millis kPatience = std::chrono::hours(6);
    const auto status = provider::parse_status(batch.status);
    const bool should_be_short =
        status == provider::BatchStatus::finalizing || status == provider::BatchStatus::cancelling;
    if (should_be_short && batch.status_since && now - *batch.status_since > kPatience)
        return batch.status + " since " + to_utc_text(*batch.status_since);
    if (batch.expires_at && now - *batch.expires_at > kPatience)
        return batch.status + " though it should have ended by " + to_utc_text(*batch.expires_at);
    return std::nullopt;
}

}  // namespace batchd::engine
