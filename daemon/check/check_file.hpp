#pragma once

#include <string>

#include "config/settings.hpp"
#include "engine/plan/plan.hpp"
#include "money/price/price_book.hpp"
#include "report/check_report.hpp"

namespace batchd {

/// What is to be told of a file that was given as `name` and planned: warnings about the name that it would
/// have in the inbox, and what the plan says, with what it may cost. `path` is empty for standard input. An
/// error as plan: it can't be read.
report::CheckedFile check_file(const std::string& name, const Path& path, Result<engine::Plan> plan,
                               const config::Settings& settings, const money::PriceBook& prices);

}  // namespace batchd
