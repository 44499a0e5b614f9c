#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/deliver/delivery.hpp"
#include "engine/terms/terms.hpp"
#include "spool/layout.hpp"
#include "store/tables/jobs.hpp"

/// The job that is made of a job's answers, for the queue that its own one names as the next step. Blocking;
/// for the pool.
namespace batchd::engine {

/// What became of a job's answers in the next step. It stands in work/ as well, so that it is told rightly by
/// a delivery that is done once more.
struct NextStep {
    std::string queue{};         ///< where it goes on; "" where that is not known
    std::uint64_t requests = 0;  ///< that were made of them; with 0 there is no next job
    std::uint64_t left_out = 0;  ///< answers of which none could be made
    std::string why{};           ///< of the first of these, with its line; "" where there is none
};

/// The key of the next job: it follows from the first one's, so that one that is delivered once more, after a
/// crash or by an old copy of the state, makes no other.
std::string next_key(std::string_view job_key);

/// Writes, durably, the input of the next job: a request for each answer, in their order, by
/// terms.then_template. What was written is kept; it can be done again after a crash at any point. Of an
/// input that was altered nothing is taken; where it has left its work directory before anything was written,
/// all answers are left out. Errors: errno; corrupt where the answers are not as they were written.
Result<NextStep> keep_next(const spool::Layout& layout, const Delivery& delivery, const Terms& terms);

/// Takes back what keep_next() has written, where that has not become a job yet. Errors: errno.
Result<void> leave_next(const spool::Layout& layout, std::string_view job_key);

/// The next job, ready to be added under these terms, once keep_next() has written its input. Errors: errno.
Result<store::Job> next_job(const spool::Layout& layout, const store::Job& job, const Terms& terms,
                            TimePoint now);

}  // namespace batchd::engine
