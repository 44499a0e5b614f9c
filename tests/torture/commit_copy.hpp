#pragma once

#include <cstdint>
#include <limits>

#include "base/disk/file.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// Counts the commits of the daemon's database, and copies the whole state directory behind the one with a
/// number, as a backup, a snapshot or a stand-by has it. No other thread leaves a trace meanwhile.
class CommitCopy final : public Observer {
public:
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    /// `at` from 0; kNever only counts.
    CommitCopy(Path state, Path copy, std::uint64_t at)
        : state_(std::move(state)), copy_(std::move(copy)), at_(at) {}

    Order before(const Call& call) override;
    Order after(const Call& call, std::int64_t answer) override;

    std::uint64_t count() const { return count_; }
    bool has_copied() const { return count_ > at_; }

private:
    Path state_, copy_;
    std::uint64_t at_;
    std::uint64_t count_ = 0;
};

}  // namespace batchd::torture
