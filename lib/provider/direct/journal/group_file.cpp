#include "provider/direct/journal/group_file.hpp"

#include <algorithm>

#include "base/async/run_blocking.hpp"
#include "provider/direct/journal/journal_file.hpp"

namespace batchd::provider::direct {

namespace asio = boost::asio;

namespace {
// A disk that fails is tried again soon, and one that stays full now and then.
constexpr Millis kDiskPauseMin = std::chrono::milliseconds(200);
constexpr Millis kDiskPauseMax = std::chrono::seconds(10);
constexpr std::size_t kBufferKeptMax = 1024 * 1024;
}  // namespace

GroupFile::GroupFile(int fd, Path path, std::uint64_t size, asio::any_io_executor executor,
                     asio::thread_pool& pool, Clock& clock)
    : fd_(fd),
      path_(std::move(path)),
      executor_(executor),
      pool_(pool),
      clock_(clock),
      end_(size),
      durable_(size),
      work_(std::move(executor)) {}

void GroupFile::append(std::string_view bytes) {
    waiting_.append(bytes);
    end_ += bytes.size();
    work_.raise();
}

asio::awaitable<void> GroupFile::durable(std::uint64_t end) {
    // Most are in the group that is being written, and some have been in the one before.
    if (end <= durable_) co_return;
    struct Place {
        Place(std::multimap<std::uint64_t, Wake*>& in, std::uint64_t at, Wake& wake)
            : all(in), here(in.emplace(at, &wake)) {}
        ~Place() { all.erase(here); }
        std::multimap<std::uint64_t, Wake*>& all;
        std::multimap<std::uint64_t, Wake*>::iterator here;
    };
    Wake wake(executor_);
    const Place place(waiters_, end, wake);
    while (end > durable_) co_await wake.wait();
}

void GroupFile::release() {
    for (auto& [end, wake] : waiters_) {
        // They are in the order of their ends.
        if (end > durable_) return;
        wake->raise();
    }
}

/// Writes what is waiting, together with what could not be written before.
asio::awaitable<Result<void>> GroupFile::write_group() {
    if (group_.empty()) {
        group_.swap(waiting_);
    } else {
        group_ += waiting_;
        waiting_.clear();
    }
    auto write = [this] { return write_durably(fd_, group_, durable_, path_); };
    const auto written = co_await run_blocking(pool_, write);
    if (!written) {
        trouble_ = written.error();
        co_return written.error();
    }
    trouble_.reset();
    durable_ += group_.size();
    group_.clear();
    // A buffer that has held a hundred megabytes once is not kept for lines of some hundred bytes.
    if (group_.capacity() > kBufferKeptMax) group_.shrink_to_fit();
    release();
    co_return Result<void>();
}

asio::awaitable<void> GroupFile::run() {
    Millis pause = kDiskPauseMin;
    for (;;) {
        if (group_.empty() && waiting_.empty()) co_await work_.wait();
        const auto written = co_await write_group();
        if (written) {
            pause = kDiskPauseMin;
            continue;
        }
        co_await clock_.sleep_for(pause);
        pause = std::min(2 * pause, kDiskPauseMax);
    }
}

asio::awaitable<Result<void>> GroupFile::flush() {
    if (group_.empty() && waiting_.empty()) co_return Result<void>();
    co_return co_await write_group();
}

}  // namespace batchd::provider::direct
