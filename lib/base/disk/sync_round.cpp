#include "base/disk/sync_round.hpp"

namespace batchd {

Result<void> SyncRound::sync(const Sync& own, const Sync& all) {
    std::unique_lock lock(mutex_);
    if (!next_) next_ = std::make_shared<Round>();
    const std::shared_ptr<Round> round = next_;
    ++round->members;
    ended_.wait(lock, [&] { return round->is_over || !is_running_; });
    if (!round->is_over) {
        // Only one of its members finds it like this, for the round is no longer the next one from here on.
        next_.reset();
        if (round->members == 1) return lead_alone(lock, *round, own);
        lead(lock, *round, all);
    }
    lock.unlock();
    // Too few of them, or an error, which may be about somebody else's file.
    return round->is_safe ? Result<void>() : own();
}

unsigned SyncRound::waiting() {
    const std::scoped_lock lock(mutex_);
    return next_ ? next_->members : 0;
}

/// The usual case, in which nobody waits for anybody.
Result<void> SyncRound::lead_alone(std::unique_lock<std::mutex>& lock, Round& round, const Sync& own) {
    is_running_ = true;
    lock.unlock();
    auto synced = own();
    lock.lock();
    end(round);
    return synced;
}

void SyncRound::lead(std::unique_lock<std::mutex>& lock, Round& round, const Sync& all) {
    if (round.members >= kTogetherMin) {
        is_running_ = true;
        lock.unlock();
        const bool synced = static_cast<bool>(all());
        lock.lock();
        round.is_safe = synced;
    }
    end(round);
}

void SyncRound::end(Round& round) {
    is_running_ = false;
    round.is_over = true;
    ended_.notify_all();
}

}  // namespace batchd
