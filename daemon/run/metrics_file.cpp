#include "daemon/run/metrics_file.hpp"

#include <optional>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/async/run_blocking.hpp"
#include "daemon/state/open_state.hpp"
#include "web/metrics/metrics.hpp"

namespace batchd {

namespace asio = boost::asio;

namespace {

constexpr Millis kWriteInterval = std::chrono::seconds(15);
constexpr mode_t kMetricsMode = 0644;  // the node exporter is another user, and it is figures only

/// Whole or not at all, and without waiting for the disk: 15 seconds later there is another.
Result<void> replace(const Path& path, const std::string& text) {
    // The exporter reads what ends in .prom, and not this.
    const Path part = path.string() + ".tmp";
    const auto fd = open_file(part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, kMetricsMode);
    if (!fd) return fd.error();
    // Whatever the umask of the service takes away.
    if (::fchmod(fd->get(), kMetricsMode) != 0) return system_failure(part.string());
    if (auto written = write_all(fd->get(), text); !written) return written;
    return rename_file(part, path);
}

}  // namespace

MetricsFile::~MetricsFile() {
    forget();
}

void MetricsFile::forget() {
    if (!written_.empty()) ::unlink(written_.c_str());
    written_.clear();
}

asio::awaitable<void> MetricsFile::run() {
    for (;;) {
        const std::optional<Path> path = settings_.metrics.textfile;
        if (!path || *path != written_) forget();
        if (path) {
            // Its own copy: a reload may take over other settings while this is at it, on another thread.
            const config::Settings settings = settings_;
            const auto written = co_await run_blocking(pool_, [&] { return write(*path, settings); });
            const std::string complaint = written ? "" : "metrics.textfile: " + to_string(written.error());
            // Once for each reason, and not every fifteen seconds.
            if (!complaint.empty() && complaint != complaint_)
                journal_.warn(engine::EventKind::configuration, complaint);
            complaint_ = complaint;
        }
        // Without a file there is no time at which anything is due.
        if (path)
            co_await wake_.wait_for(clock_, kWriteInterval);
        else
            co_await wake_.wait();
    }
}

Result<void> MetricsFile::write(const Path& path, const config::Settings& settings) {
    if (!store_) {
        auto opened = open_state(spool::Layout{settings.state.directory}, store::OpenMode::read_only);
        if (!opened) return opened.error();
        store_ = std::move(*opened);
    }
    const auto text = web::read_metrics(*store_, counting_, settings, web::read_folders(settings),
                                        clock_.now(), BATCHD_VERSION);
    if (!text) return text.error();
    auto written = replace(path, *text);
    if (written) written_ = path;
    return written;
}

}  // namespace batchd
