#pragma once

#include <cstdint>
#include <string>

#include "base/disk/file.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// Counts the ways in which calls can fail, several for each call, and makes the one with a number happen,
/// once or for a while: an error such as EIO, or a write of which only half is done. Counted are calls on the
/// files of the workbench and on sockets, and once the daemon has come to its state directory also those that
/// ask for memory or a descriptor. Before that it is the loader's business, and that of Asio, which waits for
/// ever when it can't start the threads of a pool.
class FailPoint final : public Observer {
public:
    /// `root`: the directory of the workbench. `at` from 0; KillPoint::kNever only counts. `times`: so many
    /// calls that can fail in the same way, and do the same kind of thing, fail one after another.
    FailPoint(Path root, std::uint64_t at, unsigned times = 1)
        : root_(std::move(root)), at_(at), left_(times) {}

    Order before(const Call& call) override;

    std::uint64_t count() const { return count_; }
    /// What has failed; "" when there was no way with that number.
    const std::string& what() const { return what_; }

private:
    bool concerns_us(const Call& call);
    Order fail();

    Path root_;
    std::uint64_t at_;
    unsigned left_;  // calls that are still to fail
    int way_ = 0;
    Effect effect_ = Effect::look;
    std::uint64_t count_ = 0;
    std::string what_;
    bool has_begun_ = false;
};

}  // namespace batchd::torture
