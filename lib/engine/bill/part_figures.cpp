#include "engine/bill/part_figures.hpp"

#include <algorithm>

#include "engine/bill/charges.hpp"
#include "jsonl/rows/row_file.hpp"
#include "jsonl/wire_id.hpp"

namespace batchd::engine {

std::optional<std::size_t> part_of_row(std::span<const store::Part> parts, std::uint64_t row) {
    // Rows between two parts are nobody's: of those who were in the file, some were not there any more when
    // the bundle was taken over.
    const auto behind = std::upper_bound(
        parts.begin(), parts.end(), row,
        [](std::uint64_t number, const store::Part& part) { return number < part.first_row; });
    if (behind == parts.begin() || row > std::prev(behind)->last_row) return std::nullopt;
    return static_cast<std::size_t>(std::prev(behind) - parts.begin());
}

Result<std::vector<std::uint64_t>> count_rows(const Path& path, std::span<const store::Part> parts) {
    std::vector<std::uint64_t> counts(parts.size());
    const auto there = jsonl::row_file_exists(path);
    if (!there) return there.error();
    if (!*there) return counts;
    const auto index = jsonl::RowIndex::load(path);
    if (!index) return index.error();
    for (const jsonl::RowRef& row : index->rows())
        if (const auto part = part_of_row(parts, row.line_number)) ++counts[*part];
    return counts;
}

PartCharges::PartCharges(std::span<const store::Part> parts) : charges_(parts.size()) {
    for (std::size_t i = 0; i < parts.size(); ++i) places_.emplace(parts[i].job_key, i);
}

void PartCharges::add(std::string_view custom_id, const std::optional<money::Usage>& usage,
                      const std::optional<money::Cost>& cost) {
    const auto id = jsonl::parse_wire_id(custom_id);
    const auto place = id ? places_.find(id->job_key) : places_.end();
    if (place == places_.end()) return;
    Charge& charge = charges_[place->second];
    if (usage) charge.usage += *usage;
    charge.bill.add(cost);
}

store::Parts::Figures figures_of(std::uint64_t completed, std::uint64_t failed, std::uint64_t lost,
                                 const PartCharges::Charge& charge, bool is_open) {
    store::Parts::Figures figures;
    figures.completed = completed;
    figures.failed = failed;
    figures.lost = lost;
    figures.input_tokens = charge.usage.input;
    figures.output_tokens = charge.usage.output;
    const std::uint64_t known = charge.bill.priced + charge.bill.unpriced;
    // Where the batch may go on at the provider, all that has no price yet may still be charged.
    const std::uint64_t unknown = is_open ? completed + failed - std::min(known, completed + failed) : lost;
    money::Bill bill = charge.bill;
    bill.unpriced += unknown;
    figures.spent = spent_of(charge.usage, bill);
    return figures;
}

}  // namespace batchd::engine
