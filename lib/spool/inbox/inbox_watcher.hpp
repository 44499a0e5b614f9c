#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/disk/file.hpp"
#include "spool/inbox/inbox_event.hpp"

namespace batchd::spool {

class InboxWatches;

/// While it lives, somebody hears at once of what happens in a folder, where the kernel sees it: changes that
/// another host makes on a network file system are not seen, so a scan now and then stays necessary. Watch
/// first, then scan. I/O thread only.
class InboxWatcher {
public:
    /// Is called with each event, in their order; it only takes note, and neither makes nor ends a watcher.
    /// After `gone_away` nothing more comes: watch anew.
    using Hear = std::function<void(const InboxEvent&)>;

    InboxWatcher(InboxWatcher&&) noexcept = default;
    InboxWatcher& operator=(InboxWatcher&&) = delete;
    ~InboxWatcher();

private:
    friend class InboxWatches;
    InboxWatcher(InboxWatches& watches, int watch, std::unique_ptr<Hear> hear)
        : watches_(watches), watch_(watch), hear_(std::move(hear)) {}

    InboxWatches& watches_;
    int watch_;
    std::unique_ptr<Hear> hear_;
};

/// The watches of all folders, on one inotify instance, of which a user has 128: the folders of a thousand
/// queues would not have one each. Outlives its watchers.
class InboxWatches {
public:
    explicit InboxWatches(const boost::asio::any_io_executor& executor);

    /// Hands out what is seen. Runs until cancelled; where nothing can be watched or read, it has ended, and
    /// said `gone_away` to each watcher.
    boost::asio::awaitable<void> run();

    /// Errors: errno; no_such_file_or_directory when there is no such folder, no_space_on_device or
    /// too_many_files_open at the limits of fs.inotify.
    Result<InboxWatcher> watch(const Path& folder, InboxWatcher::Hear hear);

private:
    friend class InboxWatcher;
    void hand_out(const FolderEvent& seen);
    void forget(int watch, const InboxWatcher::Hear* hear);

    std::optional<boost::asio::posix::stream_descriptor> stream_;
    Error failure_{};  // why there is no stream
    // Two watchers of one folder have one watch.
    std::multimap<int, const InboxWatcher::Hear*> hearers_;
    std::array<char, 64 * 1024> bytes_{};
};

}  // namespace batchd::spool
