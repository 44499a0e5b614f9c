#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "web/html/html.hpp"

/// Bars as inline SVG. The numbers are in a table beside them: here they are for the eye. Pure.
namespace batchd::web {

/// One column: what was paid, and on top of it what was saved.
struct Column {
    std::string words;  ///< shown to whoever points at it: "2026-11-27: 1.20 USD, 1.20 saved"
    std::uint64_t paid = 0;
    std::uint64_t saved = 0;
};

/// Columns side by side, as high as the highest lets them be. `what` says the same in one sentence.
Html column_chart(const std::vector<Column>& columns, std::string_view what);

/// A bar of `part` of `whole`, for a cell of a table. Nothing is wider than the whole, whatever the numbers
/// say.
Html share_bar(std::uint64_t part, std::uint64_t whole);

}  // namespace batchd::web
