#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include "base/disk/file.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// True for a call that leaves something changed in the folders of the daemon or at the provider: not for its
/// log, and not for opening what is there.
bool leaves_a_trace(const Call& call, const Path& root);

/// Counts the moments at which a kill can leave a state of its own, and kills at the one with a number:
/// before each call that leaves a trace, and besides after each send, when the provider may have acted
/// already.
class KillPoint final : public Observer {
public:
    static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

    /// `root`: the directory of the workbench. `at` from 0; kNever only counts.
    /// `then`: what happens at the moment, if not a kill.
    KillPoint(Path root, std::uint64_t at, Order::Kind then = Order::Kind::kill)
        : root_(std::move(root)), at_(at), then_(then) {}

    Order before(const Call& call) override;
    Order after(const Call& call, std::int64_t answer) override;

    std::uint64_t count() const { return count_; }
    /// Where it has killed; "" when there was no moment with that number.
    const std::string& where() const { return where_; }

private:
    Order pass(const Call& call, const char* when);

    Path root_;
    std::uint64_t at_;
    Order::Kind then_;
    std::uint64_t count_ = 0;
    std::string where_;
};

}  // namespace batchd::torture
