#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/units.hpp"
#include "store/shared/parts.hpp"

/// Which batches go as one, and when. Pure.
namespace batchd::engine {

/// What one batch may hold at most.
struct PackLimits {
    std::uint64_t requests = 50'000;
    std::uint64_t size_bytes = 200'000'000;
    std::optional<std::uint64_t> tokens{};
};

/// Ids of ours are longer than most people's: by so much a request may grow in a shared batch.
inline constexpr std::uint64_t kIdBytesMax = 48;

/// What goes as one batch.
struct Pack {
    std::vector<store::Sharing> members;
    bool is_full = false;  ///< the next one did not fit
};

/// Puts together what waits with one word, in the order in which it comes, up to the limits. A job is in a
/// batch once. `is_all`: there is no more of it; else the last pack is left out unless it is full, for what
/// would go with it was not read.
std::vector<Pack> pack(std::span<const store::Sharing> waiting, const PackLimits& limits, bool is_all);

/// When batches that are not full may go. A single file goes as it comes, for as long as that is not more
/// than providers take in an hour. Where several wait, the first ones go at once; while more follow, the next
/// few seconds bring the rest, and the pauses between them grow. `now` is an uptime.
class PackPace {
public:
    /// How long the next one has to wait; 0: it may go.
    Millis wait(bool is_single, Millis now) const;
    /// One that is not full went.
    void went(bool is_single, Millis now);

private:
    Millis pause() const;
    std::uint64_t singles_left(Millis now) const;

    std::uint64_t singles_ = 0;  // that went, less those that time has made up for
    Millis last_single_{0};
    unsigned in_a_row_ = 0;  // of several
    Millis last_{0};
};

}  // namespace batchd::engine
