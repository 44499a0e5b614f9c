#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "money/nano_dollars.hpp"

namespace batchd::money {

/// For how long a budget is.
enum class BudgetSpan { day, month, job };

/// What a queue may spend.
struct Budget {
    NanoDollars limit;
    BudgetSpan span = BudgetSpan::day;

    friend bool operator==(const Budget&, const Budget&) = default;
};

/// "50 USD/day", "0.5 USD/job", "1000 USD/month". Errors: bad_input, with what would be right.
Result<Budget> parse_budget(std::string_view text);
/// As parse_budget() reads it.
std::string to_text(const Budget& budget);

}  // namespace batchd::money
