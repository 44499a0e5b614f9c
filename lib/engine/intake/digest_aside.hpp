#pragma once

#include <future>
#include <memory>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "base/result.hpp"

namespace batchd::engine {

/// The SHA-256 of a file that its owner, a thread of `pool`, reads meanwhile for itself, for hashing takes as
/// long as all the rest. Where no other thread of the pool was free by the time it is asked for, the owner
/// makes it: no thread ever waits for one that has not begun.
class DigestAside {
public:
    /// `fd` must outlive this. Without a pool the digest is made when it is asked for.
    DigestAside(boost::asio::thread_pool* pool, int fd);
    DigestAside(const DigestAside&) = delete;
    DigestAside& operator=(const DigestAside&) = delete;
    /// Breaks the work off where it is not done.
    ~DigestAside();

    /// Waits for the digest; to be called once. Errors: as sha256_of().
    Result<std::string> get();

private:
    struct State;
    /// Shared with the task in the pool, which may come to its turn when the owner is gone.
    std::shared_ptr<State> state_;
    std::future<Result<std::string>> digest_;
};

}  // namespace batchd::engine
