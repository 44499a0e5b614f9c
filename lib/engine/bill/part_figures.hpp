#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/disk/file.hpp"
#include "money/cost.hpp"
#include "money/usage.hpp"
#include "store/shared/parts.hpp"

/// What a shared batch came to for each of its jobs, row by row. `parts` are those of the batch, in the order
/// of their rows.
namespace batchd::engine {

/// Whose row this is, as a place in `parts`; nothing where it is no longer anybody's. Takes the logarithm of
/// the number of parts.
std::optional<std::size_t> part_of_row(std::span<const store::Part> parts, std::uint64_t row);

/// How many rows of the row file are whose; a file that is not there has none. Blocking. Errors: errno,
/// corrupt. Reads the index of the file only, and answers one count for each of `parts`.
Result<std::vector<std::uint64_t>> count_rows(const Path& path, std::span<const store::Part> parts);

/// What single answers cost, by job.
class PartCharges {
public:
    PartCharges() = default;
    explicit PartCharges(std::span<const store::Part> parts);

    /// `custom_id`: the one that the request had in the batch. An id that is none of ours, or of a job that
    /// is not among the parts, is passed over. Without a usage or a cost the answer counts as one whose price
    /// nobody knows.
    void add(std::string_view custom_id, const std::optional<money::Usage>& usage,
             const std::optional<money::Cost>& cost);

    /// What the answers of one part came to.
    struct Charge {
        money::Usage usage;
        money::Bill bill;
    };
    const Charge& of(std::size_t part) const { return charges_[part]; }

private:
    std::map<std::string, std::size_t, std::less<>> places_{};  // by job key
    std::vector<Charge> charges_{};
};

/// The columns of a part. Requests whose answer was lost may have been charged; so may all that are not in
/// `charge`, where nobody knows whether the batch went on (`is_open`).
store::Parts::Figures figures_of(std::uint64_t completed, std::uint64_t failed, std::uint64_t lost,
                                 const PartCharges::Charge& charge, bool is_open);

}  // namespace batchd::engine
