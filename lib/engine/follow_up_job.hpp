#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "spool/layout.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// A job that batchd makes itself behind `job`, of the same name, whose input is in the work directory of
/// `key` already. It has the queue, provider and terms of `job`. Blocking. Errors: errno.
Result<store::Job> follow_up_job(const spool::Layout& layout, std::string key, const store::Job& job,
                                 TimePoint now);

}  // namespace batchd::engine
