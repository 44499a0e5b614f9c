#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.hpp"

namespace batchd {

/// Threads that wait for the disk at once, each for a small file or a folder, let it be told once: a disk
/// makes a whole file system safe in the time that it takes for a few files. Who comes while nobody waits
/// goes at once; who comes meanwhile waits for the next round. For one file system, and all threads.
class SyncRound {
public:
    using Sync = std::function<Result<void>()>;

    /// So many in a round are worth a sync of all: that has to wait for what others write as well.
    static constexpr unsigned kTogetherMin = 4;

    /// Returns once `own` is done, or in its place, and after this call began, `all`. Errors: of `own`.
    Result<void> sync(const Sync& own, const Sync& all);
    /// How many threads wait for the next round.
    unsigned waiting();

private:
    struct Round {
        unsigned members = 0;
        bool is_over = false;
        bool is_safe = false;  // `all` was done for it
    };

    Result<void> lead_alone(std::unique_lock<std::mutex>& lock, Round& round, const Sync& own);
    void lead(std::unique_lock<std::mutex>& lock, Round& round, const Sync& all);
    void end(Round& round);

    std::mutex mutex_;
    std::condition_variable ended_;
    bool is_running_ = false;
    std::shared_ptr<Round> next_;
};

}  // namespace batchd
