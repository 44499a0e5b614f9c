#include "spool/inbox/inbox_watcher.hpp"

#include <cerrno>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>

#include "spool/drop/drop_folder.hpp"
#include "spool/own_folder.hpp"

namespace batchd::spool {

namespace asio = boost::asio;

namespace {

// IN_EXCL_UNLINK: a claimed or removed file that its writer still has open is no longer the inbox's business.
constexpr std::uint32_t kMask = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_TO |
                                IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

Error watch_failure(const std::string& what) {
    // Both are limits of the machine for each user, and the errors' own words ("no space left on device")
    // mislead.
    const bool at_limit = errno == ENOSPC || errno == EMFILE;
    return system_failure(what +
                          (at_limit ? " (raise fs.inotify.max_user_watches or max_user_instances)" : ""));
}

}  // namespace

InboxWatcher::~InboxWatcher() {
    if (hear_) watches_.forget(watch_, hear_.get());
}

InboxWatches::InboxWatches(const asio::any_io_executor& executor) {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (fd)
        stream_.emplace(executor, fd.release());
    else
        failure_ = watch_failure("watch folders");
}

Result<InboxWatcher> InboxWatches::watch(const Path& folder, InboxWatcher::Hear hear) {
    if (!stream_) return failure_;
    const auto opened = open_drop_folder(folder);
    if (!opened) return opened.error();
    // Through the open folder, so that what is watched is what was judged by open_drop_folder().
    const Path path = path_through(*opened, folder);
    const int watch = ::inotify_add_watch(stream_->native_handle(), path.c_str(), kMask);
    if (watch < 0) return watch_failure("watch " + folder.string());
    auto hearer = std::make_unique<InboxWatcher::Hear>(std::move(hear));
    hearers_.emplace(watch, hearer.get());
    return InboxWatcher(*this, watch, std::move(hearer));
}

asio::awaitable<void> InboxWatches::run() {
    const auto token = asio::as_tuple(asio::use_awaitable);
    while (stream_) {
        const auto [ec, size] = co_await stream_->async_read_some(asio::buffer(bytes_), token);
        if (ec) {
            failure_ = failed(ec, "watch folders");
            stream_.reset();
            break;
        }
        for (const FolderEvent& seen : decode_events({bytes_.data(), size})) hand_out(seen);
    }
    for (const auto& [watch, hear] : hearers_) (*hear)({InboxEvent::Kind::gone_away, ""});
}

void InboxWatches::hand_out(const FolderEvent& seen) {
    // What was dropped may have been about any of them.
    const bool is_of_all = seen.event.kind == InboxEvent::Kind::overflow;
    const auto [first, last] =
        is_of_all ? std::pair(hearers_.begin(), hearers_.end()) : hearers_.equal_range(seen.watch);
    for (auto hearer = first; hearer != last; ++hearer) (*hearer->second)(seen.event);
}

void InboxWatches::forget(int watch, const InboxWatcher::Hear* hear) {
    const auto [first, last] = hearers_.equal_range(watch);
    for (auto it = first; it != last; ++it)
        if (it->second == hear) {
            hearers_.erase(it);
            break;
        }
    // It may be gone with its folder already.
    if (stream_ && !hearers_.contains(watch)) ::inotify_rm_watch(stream_->native_handle(), watch);
}

}  // namespace batchd::spool
