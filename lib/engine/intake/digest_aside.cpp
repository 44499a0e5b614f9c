#include "engine/intake/digest_aside.hpp"

#include <atomic>
#include <stop_token>

#include <boost/asio/post.hpp>

#include "base/disk/sha256.hpp"

namespace batchd::engine {

/// Whoever takes it first, the pool or the owner, makes the digest.
struct DigestAside::State {
    explicit State(int fd) : make([fd, token = stop.get_token()] { return sha256_of(fd, token); }) {}

    std::atomic<bool> taken = false;
    std::stop_source stop;
    std::packaged_task<Result<std::string>()> make;
};

DigestAside::DigestAside(boost::asio::thread_pool* pool, int fd)
    : state_(std::make_shared<State>(fd)), digest_(state_->make.get_future()) {
    if (pool == nullptr) return;
    boost::asio::post(*pool, [state = state_] {
        // The state is kept alive by the task: the owner may be gone when the pool comes to it.
        if (!state->taken.exchange(true)) state->make();
    });
}

DigestAside::~DigestAside() {
    state_->stop.request_stop();
    // The file must not be closed under a thread that has begun to read it.
    if (state_->taken.exchange(true) && digest_.valid()) digest_.wait();
}

Result<std::string> DigestAside::get() {
    // A pool that is busy with scans like this one would otherwise wait for itself.
    if (!state_->taken.exchange(true)) state_->make();
    return digest_.get();
}

}  // namespace batchd::engine
