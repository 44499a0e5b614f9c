#pragma once

#include <memory>
#include <vector>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include "base/disk/file.hpp"
#include "spool/inbox/inbox_event.hpp"

namespace batchd::spool {

/// Tells at once when something happens in the inbox, where the kernel sees it: changes that another host
/// makes on a network file system are not seen, so a scan now and then stays necessary. Watch first, then
/// scan. I/O thread only.
class InboxWatcher {
public:
    /// Errors: errno; no_such_file_or_directory when there is no inbox, no_space_on_device or
    /// too_many_files_open at the limits of fs.inotify.
    static Result<InboxWatcher> make(boost::asio::any_io_executor executor, const Path& inbox);

    InboxWatcher(InboxWatcher&&) noexcept;
    InboxWatcher& operator=(InboxWatcher&&) noexcept;
    ~InboxWatcher();

    /// Waits for the next events, in their order: what fits one read of 64 KiB. After `gone_away` nothing
    /// more comes; make another one. One caller at a time. Throws operation_aborted when cancelled. Errors:
    /// errno.
    boost::asio::awaitable<Result<std::vector<InboxEvent>>> next();

private:
    struct Impl;
    explicit InboxWatcher(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace batchd::spool
