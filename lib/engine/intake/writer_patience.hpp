#pragma once

#include <map>

#include "base/clock.hpp"
#include "store/tables/jobs.hpp"

namespace batchd::engine {

/// How long those are waited for who have a job's file open for writing. A program that forgets to close it
/// does not hold up the job for ever. I/O thread only; `clock` must outlive it.
class WriterPatience {
public:
    explicit WriterPatience(const Clock& clock) : clock_(clock) {}

    /// False once the patience is over, which begins with the first time that this is asked of the job.
    bool are_waited_for(store::JobId job) {
        const Millis now = clock_.uptime();
        return now < since_.try_emplace(job, now).first->second + kMax;
    }
    /// The job has gone on.
    void forget(store::JobId job) { since_.erase(job); }

private:
    static constexpr Millis kMax = std::chrono::minutes(1);

    const Clock& clock_;
    std::map<store::JobId, Millis> since_;
};

}  // namespace batchd::engine
