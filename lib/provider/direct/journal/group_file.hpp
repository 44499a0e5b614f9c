#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/async/wake.hpp"
#include "base/clock.hpp"
#include "base/disk/file.hpp"

namespace boost::asio {
class thread_pool;
}

namespace batchd::provider::direct {

/// Appends to a file for many who each want to know when theirs is durable: what comes in while a sync is
/// under way goes together into the next, so that a sync is shared and nobody waits for more than two.
///
/// A disk that is full or fails loses nothing: what could not be made durable stays in memory, and is written
/// anew, in the same place, until it is. I/O thread only; must outlive its calls.
class GroupFile {
public:
    /// `size`: where the first byte goes. `fd` must outlive this.
    GroupFile(int fd, Path path, std::uint64_t size, boost::asio::any_io_executor executor,
              boost::asio::thread_pool& pool, Clock& clock);

    /// Where the file ends with what has been appended. What was appended last is durable once durable_end()
    /// has come to this.
    std::uint64_t end() const { return end_; }
    /// Where what is durable ends.
    std::uint64_t durable_end() const { return durable_; }
    /// Comes back at once; what it adds is durable when durable() says so.
    void append(std::string_view bytes);
    /// Waits until everything before `end` is durable.
    boost::asio::awaitable<void> durable(std::uint64_t end);

    /// Does the writing, until it is cancelled.
    boost::asio::awaitable<void> run();
    /// Tries once to make durable what run() has left. Errors: errno.
    boost::asio::awaitable<Result<void>> flush();
    /// Why nothing can be written now; nothing where it can.
    const std::optional<Error>& trouble() const { return trouble_; }

private:
    /// Writes and syncs once what waits, with what could not be written before.
    boost::asio::awaitable<Result<void>> write_group();
    /// Wakes those whose bytes are durable by now.
    void release();

    int fd_;
    Path path_;
    boost::asio::any_io_executor executor_;
    boost::asio::thread_pool& pool_;
    Clock& clock_;
    std::uint64_t end_;
    std::uint64_t durable_;
    std::string group_;    // being written, from durable_ on
    std::string waiting_;  // for the next one
    Wake work_;
    std::multimap<std::uint64_t, Wake*> waiters_;  // by the end that each waits for
    std::optional<Error> trouble_;
};

}  // namespace batchd::provider::direct
