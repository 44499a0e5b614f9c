#include "spool/inbox/inbox_watcher.hpp"

#include <array>
#include <cerrno>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/inotify.h>

namespace batchd::spool {

namespace asio = boost::asio;

namespace {

// IN_EXCL_UNLINK: a claimed or removed file that its writer still has open is no longer the inbox's business.
constexpr std::uint32_t kMask = IN_CREATE | IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_TO |
                                IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK;

Error watch_failure(const Path& inbox) {
    // Both are limits of the machine for each user, and the errors' own words ("no space left on device")
    // mislead.
    const bool at_limit = errno == ENOSPC || errno == EMFILE;
    return system_failure("watch " + inbox.string() +
                          (at_limit ? " (raise fs.inotify.max_user_watches or max_user_instances)" : ""));
}

}  // namespace

struct InboxWatcher::Impl {
    Impl(const asio::any_io_executor& executor, UniqueFd fd, Path path)
        : stream(executor, fd.release()), inbox(std::move(path)) {}

    asio::posix::stream_descriptor stream;
    Path inbox;
    std::array<char, 64 * 1024> bytes{};
};

InboxWatcher::InboxWatcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
InboxWatcher::InboxWatcher(InboxWatcher&&) noexcept = default;
InboxWatcher& InboxWatcher::operator=(InboxWatcher&&) noexcept = default;
InboxWatcher::~InboxWatcher() = default;

Result<InboxWatcher> InboxWatcher::make(asio::any_io_executor executor, const Path& inbox) {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (!fd || ::inotify_add_watch(fd.get(), inbox.c_str(), kMask) < 0) return watch_failure(inbox);
    return InboxWatcher(std::make_unique<Impl>(executor, std::move(fd), inbox));
}

asio::awaitable<Result<std::vector<InboxEvent>>> InboxWatcher::next() {
    const auto token = asio::as_tuple(asio::use_awaitable);
    for (;;) {
        const auto [ec, size] = co_await impl_->stream.async_read_some(asio::buffer(impl_->bytes), token);
        if (ec) co_return failed(ec, "watch " + impl_->inbox.string());
        auto events = decode_events({impl_->bytes.data(), size});
        // Of what was read nothing may be about files, and a caller that is woken for nothing would scan
        // for nothing.
        if (!events.empty()) co_return events;
    }
}

}  // namespace batchd::spool
