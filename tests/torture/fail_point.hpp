#pragma once

#include <cstdint>
#include <string>

#include "base/file.hpp"
#include "torture/traced_process.hpp"

namespace batchd::torture {

/// Counts the ways in which calls can fail, several for each call, and makes the one with a number happen,
/// once: an error such as EIO, or a write of which only half is done. Counted are calls on the files of the
/// workbench and on sockets, and once the daemon has read its configuration also those that ask for memory or
/// a descriptor. Before that, it is the loader's business.
class FailPoint final : public Observer {
public:
    /// `root`: the directory of the workbench. `at` from 0; KillPoint::kNever only counts.
    FailPoint(Path root, std::uint64_t at) : root_(std::move(root)), at_(at) {}

    Order before(const Call& call) override;

    std::uint64_t count() const { return count_; }
    /// What has failed; "" when there was no way with that number.
    const std::string& what() const { return what_; }

private:
    bool concerns_us(const Call& call);

    Path root_;
    std::uint64_t at_;
    std::uint64_t count_ = 0;
    std::string what_;
    bool has_begun_ = false;
};

}  // namespace batchd::torture
