#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/result.hpp"
#include "sim/damage.hpp"

namespace batchd::sim {

/// What is done to the rows of running batches whose custom_id matches.
struct RowRule {
    std::string match;            ///< glob over custom_id; `*` stands for any run of characters
    std::string kind = "status";  ///< status, timeout, status_zero, missing, twice, misplaced
    unsigned status = 500;        ///< for the kinds status and misplaced
    std::uint64_t runs_max = 0;   ///< only in the first so many runs of a row; 0: always
    /// Members that the line gets instead of its own, as for set_members(). Without a response the row was
    /// not answered: it goes to the error file, and may be sent again.
    std::shared_ptr<const boost::json::object> set;
    std::optional<Damage> damage;  ///< the line can't be read; its row was answered all the same
    std::uint64_t bytes = 0;       ///< for the damage "cut"
};

/// Errors: bad_input, with the key and what would be right.
Result<std::vector<RowRule>> parse_row_rules(const boost::json::value& list);
boost::json::value to_json(const std::vector<RowRule>& rules);

}  // namespace batchd::sim
