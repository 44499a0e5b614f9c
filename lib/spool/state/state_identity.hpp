#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/disk/file.hpp"

namespace batchd::spool {

/// Which state directory this is: another one on the same account at a provider has another id, and a copy of
/// this one has the same. The file STATE/identity, "UUID MOMENT".
struct StateIdentity {
    std::string id;
    TimePoint made_at{};  ///< what was sent from here before it went without an id, or with one that was lost
};

/// Nothing where there is none that can be read.
std::optional<StateIdentity> read_state_identity(const Path& file);

/// As it stands there; else a new one, durable. Errors: errno.
Result<StateIdentity> read_or_make_state_identity(const Path& file, TimePoint now);

}  // namespace batchd::spool
