#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/disk/sha256.hpp"
#include "jsonl/request/id_table.hpp"

namespace batchd::engine {

/// Whose an id is that several lines of a file bear, so that each id is told of once: that of the first line
/// with it that can be sent; where there is none, of the first bad one. Lines come in rising order, and their
/// numbers are at most IdTable::kValueMax. Ids go by their digest, for a hundred million of them would not
/// fit into memory; two that differ and agree in 96 bits do not come.
class IdOwners {
public:
    /// For a line that can be sent but for this: an earlier one that has the id already, or nothing.
    std::optional<std::uint64_t> take(const Digest128& id, std::uint64_t line_number);
    /// For a bad line. False: it is another's.
    bool lend(const Digest128& id, std::uint64_t line_number);

    /// The bad lines that were lent an id which then was taken, in rising order.
    std::vector<std::uint64_t> bereft() const;

private:
    jsonl::IdTable taken_;
    jsonl::IdTable lent_;  // empty for most files
    std::vector<std::uint64_t> bereft_;
};

}  // namespace batchd::engine
