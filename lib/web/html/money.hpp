#pragma once

#include <cstdint>
#include <optional>

#include "store/spent.hpp"
#include "web/html/html.hpp"

/// Tokens and money as people read them on a page. Pure.
namespace batchd::web {

/// Dollars of an amount of nano-dollars, "0.0123"; "unknown" where nobody knows it, and never 0 then.
Html money_html(const std::optional<std::int64_t>& nano_dollars);
/// "1,200 tokens in (300 of them cached), 400 out (100 of them reasoning)".
Html tokens_html(std::uint64_t input, std::uint64_t output, const store::Spent& spent);
/// Whether more may come.
enum class Bill { goes_on, is_final };
/// A paragraph: what was paid, what it would have been without batches, and what of it nobody knows.
Html spent_html(const store::Spent& spent, Bill bill);

}  // namespace batchd::web
