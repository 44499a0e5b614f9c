#pragma once

#include "store/query/overview.hpp"

/// In which order jobs are shown. Pure.
namespace batchd::report {

/// What runs comes first, then what waits, of both the oldest first; then what has ended, the newest first.
bool comes_before(const store::JobOverview& one, const store::JobOverview& other);

}  // namespace batchd::report
