#include "report/status/order.hpp"

#include <utility>

namespace batchd::report {
namespace {

/// What somebody watches for: requests are being answered, or the answers are on their way.
bool runs(const store::JobOverview& job) {
    // A job whose batches all wait for room is open as well, but nothing of it moves.
    return job.in_flight > 0 || job.job.state == store::JobState::delivering;
}

std::pair<int, std::int64_t> rank(const store::JobOverview& job) {
    // The newest of what has ended first, and of what goes on the oldest, which is to end next.
    if (store::is_final(job.job.state)) return {2, -job.job.id.value};
    return {runs(job) ? 0 : 1, job.job.id.value};
}

}  // namespace

bool comes_before(const store::JobOverview& one, const store::JobOverview& other) {
    return rank(one) < rank(other);
}

}  // namespace batchd::report
